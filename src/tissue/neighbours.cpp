#include "tissue/neighbours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "pair_kernels.hpp"

namespace lobule {
namespace {

constexpr std::int32_t k_most_layers = 16;
constexpr std::int32_t k_most_bins = 16;         // searched at once
constexpr std::size_t k_most_found = 1U << 16U;  // unless one bin alone has more
constexpr std::int32_t k_part = 4096;            // spheres of a part where there are no rows yet

std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }

// Parallel over 0..n-1, each by itself.
template <class F>
void each(std::int32_t n, int threads, F f) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4) if (threads > 1)
    for (std::int32_t i = 0; i < n; ++i) f(i);
}

void resize(std::vector<double>& values, std::int32_t n) { fit(values, at(n) + SortedSpheres::k_padding); }

// Rows joined to at most `count` parts of about equal size, in order.
std::vector<Slots> parts_of(const std::vector<Slots>& rows, int count) {
    std::int64_t total = 0, before = 0;
    for (const Slots& r : rows) total += r.end - r.begin;
    std::vector<Slots> parts;  // ranges of rows
    std::int32_t first = 0;
    for (std::int32_t r = 0; r < static_cast<std::int32_t>(rows.size()); ++r) {
        before += rows[at(r)].end - rows[at(r)].begin;
        if (before * count < total * static_cast<std::int64_t>(parts.size() + 1)) continue;
        parts.push_back({first, r + 1});
        first = r + 1;
    }
    if (first < static_cast<std::int32_t>(rows.size()))
        parts.push_back({first, static_cast<std::int32_t>(rows.size())});
    return parts;
}

// Bins of one direction: how many of at least `edge` in `length`, and how many layers of them a cut-off needs.
std::int32_t whole_bins(double length, double edge) { return std::max(1, static_cast<std::int32_t>(length / edge)); }

}  // namespace

Slots SortedSpheres::row(std::int32_t row) const {
    const std::int32_t begin = bin(mx_, my_ + row % ny_, mz_ + row / ny_);
    return {bin_start_[at(begin)], bin_start_[at(begin + nx_)]};
}

std::size_t SortedSpheres::bytes() const {
    std::size_t ints = id.capacity() + bin_start_.capacity() + bin_of_.capacity() + order_.capacity();
    for (const auto& next : next_in_bin_) ints += next.capacity();
    return sizeof(double) * (x.capacity() + y.capacity() + z.capacity() + radius.capacity() + scratch_.capacity()) +
           sizeof(std::int32_t) * ints;
}

void SortedSpheres::sort(const std::optional<Box>& box, std::span<const double> from_x, std::span<const double> from_y,
                         std::span<const double> from_z, std::span<const double> from_radius, const Reach& reach) {
    size_ = from_x.size();
    LOBULE_ASSERT(from_y.size() == size_ && from_z.size() == size_ && from_radius.size() == size_, size_);
    LOBULE_ASSERT(size_ < std::numeric_limits<std::int32_t>::max() / 2, size_);
    box_ = box;
    reach_ = reach;
    const auto take = [&](std::vector<double>& to, std::span<const double> from) {
        to.resize(size_ + k_padding);
        std::copy(from.begin(), from.end(), to.begin());
    };
    take(x, from_x);
    take(y, from_y);
    take(z, from_z);
    take(radius, from_radius);
    slots_ = static_cast<std::int32_t>(size_);
    id.resize(size_);
    for (std::int32_t i = 0; i < slots_; ++i) id[at(i)] = i;
    double widest = 0.0;
    for (const double r : from_radius) widest = std::max(widest, r);
    cutoff_ = reach.factor * 2.0 * widest + reach.skin;
    old_rows_.clear();
    for (std::int32_t i = 0; i < slots_; i += k_part) old_rows_.push_back({i, std::min(i + k_part, slots_)});
    ny_ = nz_ = 0;  // no rows of before
    sort_again();
}

void SortedSpheres::sort_again() {
    if (ny_ != 0) {
        old_rows_.resize(at(rows()));
        for (std::int32_t r = 0; r < rows(); ++r) old_rows_[at(r)] = row(r);
    }
    lay_grid();
    const std::vector<Slots> parts = parts_of(old_rows_, std::min(threads_, 16));
    number_bins(parts);
    start_bins(parts.size());
    order_slots(parts);
    for (auto* values : {&x, &y, &z, &radius}) carry(*values);
    fit(bin_of_, at(slots_));  // no longer needed
    each(rows(), threads_, [&](std::int32_t r) {
        const Slots s = row(r);
        for (std::int32_t i = s.begin; i < s.end; ++i) bin_of_[at(i)] = id[at(order_[at(i)])];
    });
    id.swap(bin_of_);
    find_images();
    for (const Images& part : images_) {
        std::copy_n(radius.begin() + part.source, part.count, radius.begin() + part.first);
        std::copy_n(id.begin() + part.source, part.count, id.begin() + part.first);
    }
    update_images();
}

void SortedSpheres::carry(std::vector<double>& values) {
    resize(scratch_, slots_);
    each(rows(), threads_, [&](std::int32_t r) {
        const Slots s = row(r);
        for (std::int32_t i = s.begin; i < s.end; ++i) scratch_[at(i)] = values[at(order_[at(i)])];
    });
    values.swap(scratch_);
}

// Bins at least as wide as the cut-off, or in a small box as many layers of narrower ones as it takes.
void SortedSpheres::lay_grid() {
    const auto old_row_count = static_cast<std::int32_t>(old_rows_.size());
    std::vector<Vec3> low(old_rows_.size(), {1e300, 1e300, 1e300}), high(old_rows_.size(), {-1e300, -1e300, -1e300});
    std::vector<char> finite(old_rows_.size(), 1);
    each(old_row_count, threads_, [&](std::int32_t r) {
        Vec3 a = low[at(r)], b = high[at(r)];
        bool good = true;
        for (std::int32_t i = old_rows_[at(r)].begin; i < old_rows_[at(r)].end; ++i) {
            good = good && std::fabs(x[at(i)]) < 1e15 && std::fabs(y[at(i)]) < 1e15 && std::fabs(z[at(i)]) < 1e15;
            if (box_) {
                x[at(i)] = Box::wrap(x[at(i)], box_->lengths.x);
                y[at(i)] = Box::wrap(y[at(i)], box_->lengths.y);
                z[at(i)] = Box::wrap(z[at(i)], box_->lengths.z);
            }
            const double px = x[at(i)], py = y[at(i)], pz = z[at(i)];
            a = {std::min(a.x, px), std::min(a.y, py), std::min(a.z, pz)};
            b = {std::max(b.x, px), std::max(b.y, py), std::max(b.z, pz)};
        }
        low[at(r)] = a;
        high[at(r)] = b;
        finite[at(r)] = static_cast<char>(good);
    });
    if (std::find(finite.begin(), finite.end(), 0) != finite.end())
        throw RunError("mechanics: a sphere has left all bounds (its place is not a number or beyond 1e15 um)");
    Vec3 first = low.empty() ? Vec3{} : low[0], last = high.empty() ? Vec3{} : high[0];
    for (std::size_t r = 1; r < low.size(); ++r) {
        first = {std::min(first.x, low[r].x), std::min(first.y, low[r].y), std::min(first.z, low[r].z)};
        last = {std::max(last.x, high[r].x), std::max(last.y, high[r].y), std::max(last.z, high[r].z)};
    }
    corner_ = box_ ? Vec3{} : first;
    const Vec3 lengths = box_ ? box_->lengths : last - first;
    // Few bins for far scattered spheres: a little wider until their number suits that of the spheres.
    double edge = std::max(cutoff_ * (1.0 + 1e-12), 1e-9);
    const double most = 4.0 * static_cast<double>(size_) + 4096.0;
    while ((lengths.x / edge + 1.0) * (lengths.y / edge + 1.0) * (lengths.z / edge + 1.0) > most) edge *= 1.25;
    nx_ = whole_bins(lengths.x, edge) + (box_ ? 0 : 1);
    ny_ = whole_bins(lengths.y, edge) + (box_ ? 0 : 1);
    nz_ = whole_bins(lengths.z, edge) + (box_ ? 0 : 1);
    edges_ = box_ ? Vec3{lengths.x / nx_, lengths.y / ny_, lengths.z / nz_} : Vec3{edge, edge, edge};
    const auto layers = [&](double width) {
        if (width >= cutoff_) return 1;
        if (!(width * k_most_layers > cutoff_))
            throw RunError(fmt::format("mechanics: a box of {} x {} x {} um is too small for spheres that reach {} um",
                                       lengths.x, lengths.y, lengths.z, cutoff_));
        return static_cast<std::int32_t>(std::ceil(cutoff_ / width));
    };
    mx_ = layers(edges_.x);
    my_ = layers(edges_.y);
    mz_ = layers(edges_.z);
    ex_ = nx_ + 2 * mx_;
    ey_ = ny_ + 2 * my_;
    ez_ = nz_ + 2 * mz_;
}

// The bin of each sphere, and how many of each part are in each bin.
void SortedSpheres::number_bins(std::span<const Slots> parts) {
    fit(bin_of_, at(slots_));
    const std::size_t bins = at(ex_) * at(ey_) * at(ez_);
    next_in_bin_.resize(parts.size());
    const Vec3 per{1.0 / edges_.x, 1.0 / edges_.y, 1.0 / edges_.z};
    each(static_cast<std::int32_t>(parts.size()), threads_, [&](std::int32_t part) {
        std::vector<std::int32_t>& count = next_in_bin_[at(part)];
        count.assign(bins, 0);
        for (std::int32_t r = parts[at(part)].begin; r < parts[at(part)].end; ++r)
            for (std::int32_t s = old_rows_[at(r)].begin; s < old_rows_[at(r)].end; ++s) {
                const std::int32_t i = std::min(static_cast<std::int32_t>((x[at(s)] - corner_.x) * per.x), nx_ - 1);
                const std::int32_t j = std::min(static_cast<std::int32_t>((y[at(s)] - corner_.y) * per.y), ny_ - 1);
                const std::int32_t k = std::min(static_cast<std::int32_t>((z[at(s)] - corner_.z) * per.z), nz_ - 1);
                const std::int32_t b = bin(i + mx_, j + my_, k + mz_);
                bin_of_[at(s)] = b;
                ++count[at(b)];
            }
    });
}

// The first slot of each bin, images counted in; and within it of each part.
void SortedSpheres::start_bins(std::size_t parts) {
    bin_start_.assign(at(ex_) * at(ey_) * at(ez_) + 1, 0);
    each(rows(), threads_, [&](std::int32_t r) {
        const std::int32_t first = bin(mx_, my_ + r % ny_, mz_ + r / ny_);
        for (std::int32_t b = first; b < first + nx_; ++b)
            for (std::size_t part = 0; part < parts; ++part) bin_start_[at(b)] += next_in_bin_[part][at(b)];
    });
    if (box_) {
        const auto within = [](std::int32_t i, std::int32_t n) { return ((i % n) + n) % n; };
        for (std::int32_t k = 0; k < ez_; ++k)
            for (std::int32_t j = 0; j < ey_; ++j)
                for (std::int32_t i = 0; i < ex_; ++i)
                    bin_start_[at(bin(i, j, k))] = bin_start_[at(
                        bin(mx_ + within(i - mx_, nx_), my_ + within(j - my_, ny_), mz_ + within(k - mz_, nz_)))];
    }
    std::int32_t slot = 0;
    for (std::int32_t& start : bin_start_) slot += std::exchange(start, slot);
    slots_ = slot;
    each(rows(), threads_, [&](std::int32_t r) {
        const std::int32_t first = bin(mx_, my_ + r % ny_, mz_ + r / ny_);
        for (std::int32_t b = first; b < first + nx_; ++b) {
            std::int32_t next = bin_start_[at(b)];
            for (std::size_t part = 0; part < parts; ++part) next += std::exchange(next_in_bin_[part][at(b)], next);
        }
    });
}

// The old slot of each new one.
void SortedSpheres::order_slots(std::span<const Slots> parts) {
    fit(order_, at(slots_));
    each(static_cast<std::int32_t>(parts.size()), threads_, [&](std::int32_t part) {
        std::vector<std::int32_t>& next = next_in_bin_[at(part)];
        for (std::int32_t r = parts[at(part)].begin; r < parts[at(part)].end; ++r)
            for (std::int32_t s = old_rows_[at(r)].begin; s < old_rows_[at(r)].end; ++s)
                order_[at(next[at(bin_of_[at(s)])]++)] = s;
    });
    // By the caller's order within a bin, wherever they came from.
    each(rows(), threads_, [&](std::int32_t r) {
        const std::int32_t first = bin(mx_, my_ + r % ny_, mz_ + r / ny_);
        for (std::int32_t b = first; b < first + nx_; ++b) {
            const std::int32_t begin = bin_start_[at(b)], end = bin_start_[at(b + 1)];
            for (std::int32_t i = begin + 1; i < end; ++i) {
                const std::int32_t slot = order_[at(i)], own = id[at(slot)];
                std::int32_t to = i;
                for (; to > begin && id[at(order_[at(to - 1)])] > own; --to) order_[at(to)] = order_[at(to - 1)];
                order_[at(to)] = slot;
            }
        }
    });
}

// Bins outside the box, in pieces that stand together in their row and in the row that they repeat.
void SortedSpheres::find_images() {
    images_.clear();
    if (!box_) return;
    const auto floor_of = [](std::int32_t i, std::int32_t n) { return (i - ((i % n) + n) % n) / n; };
    for (std::int32_t k = 0; k < ez_; ++k)
        for (std::int32_t j = 0; j < ey_; ++j)
            for (std::int32_t i = 0; i < ex_;) {
                const std::int32_t px = floor_of(i - mx_, nx_), py = floor_of(j - my_, ny_),
                                   pz = floor_of(k - mz_, nz_);
                const std::int32_t next = std::min(ex_, (px + 1) * nx_ + mx_);  // here another period begins
                const std::int32_t first = bin_start_[at(bin(i, j, k))];
                const std::int32_t count = bin_start_[at(bin(i, j, k) + next - i)] - first;
                const std::int32_t source = bin_start_[at(bin(i - px * nx_, j - py * ny_, k - pz * nz_))];
                if (count > 0 && (px != 0 || py != 0 || pz != 0)) images_.push_back({first, source, count, px, py, pz});
                i = next;
            }
    for (auto* values : {&x, &y, &z, &radius}) resize(*values, slots_);
}

void SortedSpheres::update_images() {
    each(static_cast<std::int32_t>(images_.size()), threads_, [&](std::int32_t i) {
        const Images& part = images_[at(i)];
        const auto shift = [&](std::vector<double>& values, double by) {
            for (std::int32_t s = 0; s < part.count; ++s) values[at(part.first + s)] = values[at(part.source + s)] + by;
        };
        shift(x, part.periods_x * box_->lengths.x);
        shift(y, part.periods_y * box_->lengths.y);
        shift(z, part.periods_z * box_->lengths.z);
    });
}

RowSearch::RowSearch(const SortedSpheres& spheres, math::Vectors with, const std::uint8_t* alone)
    : in_(spheres), with_(with), alone_(alone) {
    for (std::int32_t dz = -in_.mz_; dz <= in_.mz_; ++dz)
        for (std::int32_t dy = -in_.my_; dy <= in_.my_; ++dy) rows_.push_back((dz * in_.ey_ + dy) * in_.ex_);
    columns_.resize(at(k_most_bins + 2 * in_.mx_ + 1));
    own_.resize(k_most_bins);
}

std::int32_t RowSearch::bins() const { return in_.nx_; }

std::int32_t RowSearch::find(std::int32_t row, std::int32_t i) {
    const SortedSpheres& s = in_;
    const std::int32_t j = row % s.ny_, k = row / s.ny_;
    PairSearch search{};
    search.first_bin = s.bin(i + s.mx_, j + s.my_, k + s.mz_);
    // As many bins as fit: a crowded one is alone.
    const auto spheres_of = [&](std::int32_t from, std::int32_t to) {
        std::int32_t count = 0;
        for (const std::int32_t to_row : rows_)
            count += s.bin_start_[at(search.first_bin + to + s.mx_ + to_row)] -
                     s.bin_start_[at(search.first_bin + from - s.mx_ + to_row)];
        return at(count) + 16;
    };
    std::size_t room = 0;
    const std::int32_t most = std::min(k_most_bins, s.nx_ - i);
    for (; search.bins < most; ++search.bins) {
        const std::size_t own =
            at(s.bin_start_[at(search.first_bin + search.bins + 1)] - s.bin_start_[at(search.first_bin + search.bins)]);
        const std::size_t more = own == 0 ? 0 : own * spheres_of(search.bins, search.bins + 1);
        if (search.bins > 0 && room + more > k_most_found) break;
        room += more;
    }
    spheres_ = {s.bin_start_[at(search.first_bin)], s.bin_start_[at(search.first_bin + search.bins)]};
    if (spheres_.begin == spheres_.end) return i + search.bins;
    const auto grow = [](auto& values, std::size_t n) {
        if (values.size() < n) values.resize(n);
    };
    const std::size_t candidates = spheres_of(0, search.bins);
    grow(near_, 4 * candidates);
    grow(candidates_, candidates);
    grow(hits_, candidates);
    grow(found_, room);
    grow(ends_, at(spheres_.end - spheres_.begin));
    search.x = s.x.data();
    search.y = s.y.data();
    search.z = s.z.data();
    search.radius = s.radius.data();
    search.alone = alone_;
    search.bin_start = s.bin_start_.data();
    search.layers = s.mx_;
    search.rows = rows_.data();
    search.row_count = static_cast<std::int32_t>(rows_.size());
    search.corner[0] = s.corner_.x + i * s.edges_.x;
    search.corner[1] = s.corner_.y + (j + 0.5) * s.edges_.y;
    search.corner[2] = s.corner_.z + (k + 0.5) * s.edges_.z;
    // Floats of places that far away are off by less than 2^-23 of that in each direction.
    const double furthest =
        std::max({(search.bins + s.mx_) * s.edges_.x, (s.my_ + 0.5) * s.edges_.y, (s.mz_ + 0.5) * s.edges_.z});
    search.factor = s.reach_.factor;
    search.half_skin = 0.5 * (s.reach_.skin + 2e-6 * furthest);
    const std::size_t quarter = near_.size() / 4;
    search.near_x = near_.data();
    search.near_y = near_.data() + quarter;
    search.near_z = near_.data() + 2 * quarter;
    search.near_reach = near_.data() + 3 * quarter;
    search.candidates = candidates_.data();
    search.columns = columns_.data();
    search.own = own_.data();
    search.hits = hits_.data();
    search.found = found_.data();
    search.ends = ends_.data();
    with_ == math::Vectors::wide ? wide_pairs::find(search) : narrow_pairs::find(search);
    return i + search.bins;
}

void NeighbourLists::build(const SortedSpheres& spheres, math::Vectors with, const std::uint8_t* alone) {
    lists_.resize(at(spheres.rows()));
    fit(ends_, at(spheres.slots()));
#pragma omp parallel num_threads(spheres.threads()) if (spheres.threads() > 1)
    {
        RowSearch search(spheres, with, alone);
        std::vector<std::int32_t> found;
#pragma omp for schedule(dynamic, 4)
        for (std::int32_t r = 0; r < spheres.rows(); ++r) {
            found.clear();
            for (std::int32_t i = 0; i < search.bins();) {
                i = search.find(r, i);
                const auto [begin, end] = search.spheres();
                if (begin == end) continue;
                const auto before = static_cast<std::int32_t>(found.size());
                for (std::int32_t s = begin; s < end; ++s) ends_[at(s)] = before + search.ends()[s - begin];
                found.insert(found.end(), search.neighbours(), search.neighbours() + search.ends()[end - begin - 1]);
            }
            lists_[at(r)].assign(found.begin(), found.end());
        }
    }
}

std::size_t NeighbourLists::bytes() const {
    std::size_t ints = ends_.capacity();
    for (const auto& list : lists_) ints += list.capacity();
    return sizeof(std::int32_t) * ints;
}

}  // namespace lobule
