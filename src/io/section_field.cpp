#include "section_field.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace lobule::io::section {

namespace {

constexpr double k_least_share = 0.02;  // of a voxel that is tissue, for its amount to count
constexpr double k_outer = 0.01;        // of the voxels may lie beyond either end of a scale

std::string part_of(const std::string& entry) { return entry.substr(0, entry.find('.')); }

}  // namespace

Field::Field(const TissuePlan& plan, const std::vector<double>& values, const Dimension& dimension, const View& view)
    : view_(view), grid_(plan.grid), dimension_(dimension) {
    LOBULE_ASSERT(values.size() == plan.grid.size(), values.size(), plan.grid.size());
    LOBULE_ASSERT(plan.tissue.size() == plan.grid.size(), plan.tissue.size(), plan.grid.size());
    grid_.box = view.box;
    const auto layer = static_cast<std::size_t>(grid_.nx) * static_cast<std::size_t>(grid_.ny);
    Vec3 at = view.centre;
    at.x = at.y = 0.0;
    const std::size_t first = static_cast<std::size_t>(grid_.voxel_of(at)) / layer * layer;
    for (std::size_t v = 0; v < layer; ++v) {
        weight_.push_back(plan.tissue[first + v] > k_least_share ? 1.0 : 0.0);
        value_.push_back(weight_.back() * values[first + v]);
    }
}

double Field::at(const Point& p) const {
    const Vec3 edges = grid_.edges();
    const double x = (view_.centre.x + p.x) / edges.x - 0.5, y = (view_.centre.y - p.y) / edges.y - 0.5;
    const double i = std::floor(x), j = std::floor(y);
    double value = 0.0, total = 0.0;
    for (int b = 0; b < 2; ++b)
        for (int a = 0; a < 2; ++a) {
            const auto column = static_cast<std::size_t>(Box::wrap(i + a, grid_.nx));
            const auto row = static_cast<std::size_t>(Box::wrap(j + b, grid_.ny));
            const double weight = (a == 0 ? 1.0 - (x - i) : x - i) * (b == 0 ? 1.0 - (y - j) : y - j);
            const std::size_t v = row * static_cast<std::size_t>(grid_.nx) + column;
            value += weight * value_[v];
            total += weight * weight_[v];
        }
    return total > 0.0 ? value / total : 0.0;
}

std::pair<double, double> Field::span() const {
    std::vector<double> values;
    for (std::size_t v = 0; v < value_.size(); ++v)
        if (weight_[v] > 0.0) values.push_back(value_[v]);
    if (values.empty()) return {0.0, 0.0};
    std::sort(values.begin(), values.end());
    const auto rank = [&](double share) {
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    return {rank(k_outer), rank(1.0 - k_outer)};
}

std::vector<double> density_of(const TissuePlan& plan, const State& state, const std::vector<std::size_t>& entries,
                               const Box& box) {
    Grid grid = plan.grid;
    grid.box = box;
    std::vector<double> out(grid.size(), 0.0);
    // Entries of a State are those of one lobule, voxels those of the box.
    const double factor = plan.lobules_in_box / grid.voxel_volume();
    for (const std::size_t e : entries)
        for (std::size_t v = 0; v < out.size(); ++v) out[v] += factor * state.values[e * out.size() + v];
    return out;
}

std::vector<std::size_t> entries_of(const Model& places, StateInfo::Kind kind, const std::string& name,
                                    const std::string& option) {
    std::vector<std::size_t> out;
    std::vector<std::string> known;
    for (std::size_t e = 0; e < places.zone_states.size(); ++e) {
        const StateInfo& info = places.zone_states[e];
        if (info.kind != kind) continue;
        known.push_back(part_of(info.name));
        if (info.name == name || part_of(info.name) == name) out.push_back(e);
    }
    if (out.empty())
        throw SpecError(Where{option + ' ' + name, 0, 0, {}},
                        "no " + std::string(kind == StateInfo::Kind::matrix ? "matrix" : "signal") +
                            " of this model has this name in its tissue",
                        nearest_name(name, known));
    return out;
}

}  // namespace lobule::io::section
