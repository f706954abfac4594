#include "io/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

#include "base/error.hpp"

namespace lobule::io {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(std::string_view what, const fs::path& path, int error) {
    throw RunError(fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(error)));
}

/// An open file that is closed on every way out.
class Descriptor {
public:
    Descriptor(const fs::path& path, int flags, std::string_view what)
        : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
        if (value_ < 0) fail(what, path, errno);
    }
    ~Descriptor() { ::close(value_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int operator*() const { return value_; }

private:
    int value_;
};

void write_all(int descriptor, std::string_view bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            fail("write", path, errno);
    }
}

void flush(int descriptor, const fs::path& path) {
    // Some file systems have nothing to flush (EINVAL): that is no failure.
    while (::fsync(descriptor) != 0)
        if (errno == EINVAL || errno == EROFS)
            return;
        else if (errno != EINTR)
            fail("write", path, errno);
}

/// A rename or a new name is on the disk only when its folder is.
void flush_folder(const fs::path& folder) {
    const Descriptor descriptor(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY, "open");
    flush(*descriptor, folder);
}

}  // namespace

void write_file(const fs::path& file, std::string_view bytes) {
    fs::path unfinished = file;
    unfinished += k_unfinished;
    try {
        const Descriptor descriptor(unfinished, O_WRONLY | O_CREAT | O_TRUNC, "write");
        write_all(*descriptor, bytes, file);
        flush(*descriptor, file);
    } catch (const RunError&) {
        ::unlink(unfinished.c_str());
        throw;
    }
    if (::rename(unfinished.c_str(), file.c_str()) != 0) fail("write", file, errno);
    flush_folder(file.parent_path());
}

std::string read_bytes(const fs::path& file) {
    const Descriptor descriptor(file, O_RDONLY, "read");
    std::string bytes;
    struct stat status {};
    if (::fstat(*descriptor, &status) == 0 && S_ISREG(status.st_mode))
        bytes.reserve(static_cast<std::size_t>(status.st_size));
    char block[65536];
    for (;;) {
        const ssize_t got = ::read(*descriptor, block, sizeof block);
        if (got == 0) return bytes;
        if (got > 0)
            bytes.append(block, static_cast<std::size_t>(got));
        else if (errno != EINTR)
            fail("read", file, errno);
    }
}

void create_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail("create the folder", folder, error.value());
}

void remove_tree(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) fail("remove", path, error.value());
}

std::string shell_word(std::string_view text) {
    const auto plain = [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("-_./=+:,@%").find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

LineFile::LineFile(const fs::path& file)
    : file_(file), descriptor_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) fail("write", file, errno);
}

LineFile::~LineFile() { ::close(descriptor_); }

void LineFile::append(std::string_view line) {
    write_all(descriptor_, std::string(line) + '\n', file_);
    flush(descriptor_, file_);
}

FolderLock::FolderLock(const fs::path& folder)
    : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (descriptor_ < 0) fail("open", folder, errno);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return;  // a file system without locks: go on
    ::close(descriptor_);
    throw RunError(fmt::format("{}: another run is writing here", folder.string()));
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace lobule::io
