// HDF5 files as images in memory: the disk is touched by read_bytes() and write_file() alone, so that a full disk is one
// clear line and never a library that cannot close its file. Bytes depend on the content only (no time stamps).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lobule::io::h5 {

class Writer {
public:
    Writer();
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Rows of `columns` values each; columns = 0: a plain vector. Groups on the path are created.
    void dataset(const std::string& path, std::span<const double> values, std::size_t columns = 0);
    void dataset(const std::string& path, std::span<const std::uint16_t> values);
    void dataset(const std::string& path, std::span<const std::uint32_t> values);
    void dataset(const std::string& path, std::span<const std::uint64_t> values);
    /// On a dataset, or on the file itself ("/").
    void attribute(const std::string& path, const std::string& name, std::string_view text);
    void attribute(const std::string& path, const std::string& name, double value);
    void attribute(const std::string& path, const std::string& name, std::uint64_t value);
    std::string image() const;

private:
    std::int64_t file_;
};

/// Throws RunError with `name` when the bytes are no whole HDF5 file or something asked for is not in it.
class Reader {
public:
    Reader(const std::string& bytes, std::string name);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    std::vector<double> doubles(const std::string& path) const;
    std::vector<std::uint16_t> words(const std::string& path) const;          // 16 bits
    std::vector<std::uint32_t> whole_numbers(const std::string& path) const;  // 32 bits
    std::vector<std::uint64_t> long_numbers(const std::string& path) const;   // 64 bits
    bool has(const std::string& path) const;
    std::string text(const std::string& path, const std::string& attribute) const;
    double number(const std::string& path, const std::string& attribute) const;
    std::uint64_t whole(const std::string& path, const std::string& attribute) const;

private:
    [[noreturn]] void fail(const std::string& what) const;
    std::string name_;
    std::int64_t file_;
};

}  // namespace lobule::io::h5
