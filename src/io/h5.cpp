#include "io/h5.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <array>
#include <utility>

#include "base/error.hpp"

namespace lobule::io::h5 {

namespace {

static_assert(sizeof(hid_t) == sizeof(std::int64_t));
constexpr std::size_t k_growth = 64 * 1024;  // [bytes] by which an image in memory grows

/// An HDF5 object that is closed on every way out. A failed call gives no object and throws.
class Id {
public:
    Id(hid_t id, herr_t (*close)(hid_t), const char* what) : id_(id), close_(close) {
        if (id < 0) throw RunError(fmt::format("HDF5 cannot {}", what));
    }
    ~Id() {
        if (id_ >= 0) close_(id_);
    }
    Id(Id&& other) noexcept : id_(other.release()), close_(other.close_) {}
    Id& operator=(Id&&) = delete;
    operator hid_t() const { return id_; }
    hid_t release() noexcept { return std::exchange(id_, -1); }

private:
    hid_t id_;
    herr_t (*close_)(hid_t);
};

void require(herr_t status, const char* what) {
    if (status < 0) throw RunError(fmt::format("HDF5 cannot {}", what));
}

Id memory_access() {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // failures are reported by us, once
    Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "set up its access");
    require(H5Pset_fapl_core(access, k_growth, false), "set up its access");
    return access;
}

Id link_creation() {
    Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "set up its links");
    require(H5Pset_create_intermediate_group(links, 1), "set up its links");
    return links;
}

Id text_type(std::size_t size) {
    Id type(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
    require(H5Tset_size(type, size == 0 ? 1 : size), "make a text type");
    require(H5Tset_cset(type, H5T_CSET_UTF8), "make a text type");
    require(H5Tset_strpad(type, H5T_STR_NULLPAD), "make a text type");
    return type;
}

void write_dataset(hid_t file, const std::string& path, hid_t type, const void* data, std::span<const hsize_t> shape) {
    const Id space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose, "make a shape");
    const Id links = link_creation();
    const Id creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "set up a dataset");
    require(H5Pset_obj_track_times(creation, false), "set up a dataset");
    const Id set(H5Dcreate2(file, path.c_str(), type, space, links, creation, H5P_DEFAULT), H5Dclose,
                 "create a dataset");
    require(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), "write a dataset");
}

void write_attribute(hid_t file, const std::string& path, const std::string& name, hid_t type, const void* data) {
    const Id space(H5Screate(H5S_SCALAR), H5Sclose, "make a shape");
    const Id attribute(
        H5Acreate_by_name(file, path.c_str(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose, "create an attribute");
    require(H5Awrite(attribute, type, data), "write an attribute");
}

}  // namespace

Writer::Writer() {
    const Id access = memory_access();
    file_ = Id(H5Fcreate("image", H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose, "create a file in memory").release();
}

Writer::~Writer() { H5Fclose(file_); }

void Writer::dataset(const std::string& path, std::span<const double> values, std::size_t columns) {
    const std::array<hsize_t, 2> shape{columns == 0 ? values.size() : values.size() / columns, columns};
    write_dataset(file_, path, H5T_NATIVE_DOUBLE, values.data(), std::span(shape).first(columns == 0 ? 1 : 2));
}

void Writer::dataset(const std::string& path, std::span<const std::uint16_t> values) {
    const std::array<hsize_t, 1> shape{values.size()};
    write_dataset(file_, path, H5T_NATIVE_UINT16, values.data(), shape);
}

void Writer::dataset(const std::string& path, std::span<const std::uint32_t> values) {
    const std::array<hsize_t, 1> shape{values.size()};
    write_dataset(file_, path, H5T_NATIVE_UINT32, values.data(), shape);
}

void Writer::dataset(const std::string& path, std::span<const std::uint64_t> values) {
    const std::array<hsize_t, 1> shape{values.size()};
    write_dataset(file_, path, H5T_NATIVE_UINT64, values.data(), shape);
}

void Writer::attribute(const std::string& path, const std::string& name, std::string_view text) {
    const std::string bytes = text.empty() ? std::string(1, '\0') : std::string(text);
    write_attribute(file_, path, name, text_type(bytes.size()), bytes.data());
}

void Writer::attribute(const std::string& path, const std::string& name, double value) {
    write_attribute(file_, path, name, H5T_NATIVE_DOUBLE, &value);
}

void Writer::attribute(const std::string& path, const std::string& name, std::uint64_t value) {
    write_attribute(file_, path, name, H5T_NATIVE_UINT64, &value);
}

std::string Writer::image() const {
    require(H5Fflush(file_, H5F_SCOPE_GLOBAL), "finish a file in memory");
    const ssize_t size = H5Fget_file_image(file_, nullptr, 0);
    if (size < 0) throw RunError("HDF5 cannot finish a file in memory");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    if (H5Fget_file_image(file_, bytes.data(), bytes.size()) < 0) throw RunError("HDF5 cannot finish a file in memory");
    return bytes;
}

Reader::Reader(const std::string& bytes, std::string name) : name_(std::move(name)) {
    const Id access = memory_access();
    // The library copies the image and writes to its copy only.
    if (bytes.empty() || H5Pset_file_image(access, const_cast<char*>(bytes.data()), bytes.size()) < 0) fail("is empty");
    file_ = H5Fopen("image", H5F_ACC_RDONLY, access);
    if (file_ < 0) fail("is no whole HDF5 file: it was cut short or overwritten");
}

Reader::~Reader() { H5Fclose(file_); }

void Reader::fail(const std::string& what) const { throw RunError(fmt::format("{} {}", name_, what)); }

namespace {

template <class T>
bool read_dataset(hid_t file, const std::string& path, hid_t type, std::vector<T>& out) {
    try {
        const Id set(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose, "open a dataset");
        const Id space(H5Dget_space(set), H5Sclose, "read a shape");
        const hssize_t count = H5Sget_simple_extent_npoints(space);
        if (count < 0) return false;
        out.resize(static_cast<std::size_t>(count));
        return H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) >= 0;
    } catch (const RunError&) {
        return false;
    }
}

bool read_attribute(hid_t file, const std::string& path, const std::string& name, hid_t type, void* out) {
    const hid_t attribute = H5Aopen_by_name(file, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0) return false;
    const Id guard(attribute, H5Aclose, "open an attribute");
    return H5Aread(attribute, type, out) >= 0;
}

}  // namespace

std::vector<double> Reader::doubles(const std::string& path) const {
    std::vector<double> out;
    if (!read_dataset(file_, path, H5T_NATIVE_DOUBLE, out)) fail(fmt::format("has no readable dataset {}", path));
    return out;
}

std::vector<std::uint16_t> Reader::words(const std::string& path) const {
    std::vector<std::uint16_t> out;
    if (!read_dataset(file_, path, H5T_NATIVE_UINT16, out)) fail(fmt::format("has no readable dataset {}", path));
    return out;
}

std::vector<std::uint64_t> Reader::long_numbers(const std::string& path) const {
    std::vector<std::uint64_t> out;
    if (!read_dataset(file_, path, H5T_NATIVE_UINT64, out)) fail(fmt::format("has no readable dataset {}", path));
    return out;
}

bool Reader::has(const std::string& path) const { return H5Lexists(file_, path.c_str(), H5P_DEFAULT) > 0; }

std::vector<std::uint32_t> Reader::whole_numbers(const std::string& path) const {
    std::vector<std::uint32_t> out;
    if (!read_dataset(file_, path, H5T_NATIVE_UINT32, out)) fail(fmt::format("has no readable dataset {}", path));
    return out;
}

std::string Reader::text(const std::string& path, const std::string& attribute) const {
    const hid_t id = H5Aopen_by_name(file_, path.c_str(), attribute.c_str(), H5P_DEFAULT, H5P_DEFAULT);
    if (id < 0) fail(fmt::format("has no attribute {}", attribute));
    const Id guard(id, H5Aclose, "open an attribute");
    const Id type(H5Aget_type(id), H5Tclose, "read a type");
    std::string out(H5Tget_size(type), '\0');
    if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 || H5Aread(id, type, out.data()) < 0)
        fail(fmt::format("has no readable attribute {}", attribute));
    out.resize(out.find_last_not_of('\0') + 1);
    return out;
}

double Reader::number(const std::string& path, const std::string& attribute) const {
    double out = 0.0;
    if (!read_attribute(file_, path, attribute, H5T_NATIVE_DOUBLE, &out))
        fail(fmt::format("has no attribute {}", attribute));
    return out;
}

std::uint64_t Reader::whole(const std::string& path, const std::string& attribute) const {
    std::uint64_t out = 0;
    if (!read_attribute(file_, path, attribute, H5T_NATIVE_UINT64, &out))
        fail(fmt::format("has no attribute {}", attribute));
    return out;
}

}  // namespace lobule::io::h5
