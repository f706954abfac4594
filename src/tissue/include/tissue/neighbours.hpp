// Spheres sorted into bins, and who is near whom: the search that contact mechanics stands on. A periodic box is made an
// open one by whole bins of images around it, so that no kernel knows of periods and a box of any size is right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/math.hpp"
#include "tissue/box.hpp"

namespace lobule {

/// Makes room for n values with little to spare: where arrays are long, growing twofold is a waste.
template <class T>
void fit(std::vector<T>& values, std::size_t n) {
    if (n > values.capacity()) values.reserve(n + n / 16);
    values.resize(n);
}

/// Spheres i and j are neighbours if their centres are nearer than factor * (r_i + r_j) + skin.
struct Reach {
    double factor = 1.0;
    double skin = 0.0;  // [um]
};

/// A range of slots.
struct Slots {
    std::int32_t begin = 0, end = 0;
};

/// Spheres in the order of their bins (z outermost, x innermost), within a bin in the order of the caller's arrays: the
/// same for any number of threads and any history. Each has a slot; images have slots too. A row is all bins of one y
/// and z: the slots of its spheres follow one another, its images stand before and after.
class SortedSpheres {
public:
    explicit SortedSpheres(int threads = 1) : threads_(threads) {}

    /// Takes over centres [um] and radii [um], in a box or (without one) in open space. Throws RunError for a place that
    /// is not finite and for a box that is many times smaller than the reach.
    void sort(const std::optional<Box>& box, std::span<const double> x, std::span<const double> y,
              std::span<const double> z, std::span<const double> radius, const Reach& reach);
    /// Sorts again, by where x, y, z are now. Invalidates slots: see carry.
    void sort_again();
    /// Brings an array by slot into the order of the last sort_again. Values at images are undefined afterwards.
    void carry(std::vector<double>& values);
    /// Puts the images where the spheres are now.
    void update_images();

    std::size_t size() const { return size_; }
    std::int32_t slots() const { return slots_; }
    int threads() const { return threads_; }
    const Reach& reach() const { return reach_; }
    const std::optional<Box>& box() const { return box_; }
    std::int32_t rows() const { return ny_ * nz_; }
    Slots row(std::int32_t row) const;
    /// The largest distance [um] that may count as near.
    double cutoff() const { return cutoff_; }
    std::size_t bytes() const;

    // By slot. The first four are longer than slots(): kernels read a few values past the end.
    std::vector<double> x, y, z;   // [um]; the caller may move them, then update_images
    std::vector<double> radius;    // [um]
    std::vector<std::int32_t> id;  // place in the caller's arrays
    static constexpr std::size_t k_padding = 8;

private:
    friend class RowSearch;
    struct Images {  // slots that repeat others, shifted by whole periods
        std::int32_t first, source, count;
        std::int32_t periods_x, periods_y, periods_z;
    };

    void lay_grid();
    void number_bins(std::span<const Slots> parts);
    void start_bins(std::size_t parts);
    void order_slots(std::span<const Slots> parts);
    void find_images();
    std::int32_t bin(std::int32_t i, std::int32_t j, std::int32_t k) const { return (k * ey_ + j) * ex_ + i; }

    int threads_;
    std::size_t size_ = 0;
    std::int32_t slots_ = 0;
    std::optional<Box> box_;
    Reach reach_;
    double cutoff_ = 0.0;
    Vec3 corner_, edges_;                                   // of the bins without images
    std::int32_t nx_ = 1, ny_ = 1, nz_ = 1;                 // bins without images
    std::int32_t mx_ = 0, my_ = 0, mz_ = 0;                 // layers of bins around them
    std::int32_t ex_ = 1, ey_ = 1, ez_ = 1;                 // with images
    std::vector<Slots> old_rows_;                           // where spheres stood before this sorting
    std::vector<std::int32_t> bin_start_, bin_of_, order_;  // by bin with images; by old slot; by new slot
    std::vector<std::vector<std::int32_t>> next_in_bin_;    // by part
    std::vector<Images> images_;
    std::vector<double> scratch_;
};

/// Neighbours of the spheres of a row, found from scratch some bins at a time. One for each thread.
class RowSearch {
public:
    /// To be made anew after sorting. `alone`, by slot: spheres whose lists stay empty (null: none).
    explicit RowSearch(const SortedSpheres& spheres, math::Vectors with = math::vectors(),
                       const std::uint8_t* alone = nullptr);

    std::int32_t bins() const;  // of a row
    /// Of bin `i` of a row and some that follow: slots of the neighbours of each of their spheres in turn, each list filled
    /// up with the sphere's own slot to a multiple of four. Returns the first bin that was not searched.
    std::int32_t find(std::int32_t row, std::int32_t i);
    Slots spheres() const { return spheres_; }
    const std::int32_t* neighbours() const { return found_.data(); }
    const std::int32_t* ends() const { return ends_.data(); }  // one for each sphere, counted from neighbours()

private:
    const SortedSpheres& in_;
    math::Vectors with_;
    const std::uint8_t* alone_;
    Slots spheres_;
    std::vector<std::int32_t> rows_, columns_, own_;
    std::vector<float> near_;
    std::vector<std::int32_t> candidates_, hits_, found_, ends_;
};

/// Lists of neighbours within a skin: right until something has moved by more than half of it.
class NeighbourLists {
public:
    /// `alone`, by slot: spheres whose lists stay empty (null: none).
    void build(const SortedSpheres& spheres, math::Vectors with = math::vectors(), const std::uint8_t* alone = nullptr);
    /// Of the spheres of a row, as RowSearch gives them.
    const std::int32_t* neighbours(std::int32_t row) const { return lists_[static_cast<std::size_t>(row)].data(); }
    /// By slot, counted from neighbours(row).
    const std::int32_t* ends() const { return ends_.data(); }
    std::size_t bytes() const;

private:
    std::vector<std::vector<std::int32_t>> lists_;  // by row
    std::vector<std::int32_t> ends_;
};

}  // namespace lobule
