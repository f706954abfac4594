// Files that are there whole or not at all. Every failure is one RunError line with the path and the system's reason.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace lobule::io {

/// The name under which a file is written before it takes its own.
inline constexpr std::string_view k_unfinished = ".part";

/// Writes beside the file, flushes to the disk, then renames: readers see the old bytes or the new ones, even after a power cut.
void write_file(const std::filesystem::path& file, std::string_view bytes);
std::string read_bytes(const std::filesystem::path& file);
void create_folder(const std::filesystem::path& folder);  // with its parents; may exist
void remove_tree(const std::filesystem::path& path);      // may be missing
/// "'a b'", as a shell needs it; unchanged when it needs nothing.
std::string shell_word(std::string_view text);

/// A file that grows by whole lines, each on the disk when append() returns.
class LineFile {
public:
    explicit LineFile(const std::filesystem::path& file);  // created when missing
    ~LineFile();
    LineFile(const LineFile&) = delete;
    LineFile& operator=(const LineFile&) = delete;
    void append(std::string_view line);

private:
    std::filesystem::path file_;
    int descriptor_;
};

/// One writer a folder: held until destroyed, gone with the process however it ends.
class FolderLock {
public:
    explicit FolderLock(const std::filesystem::path& folder);  // throws RunError when another process holds it
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int descriptor_;
};

}  // namespace lobule::io
