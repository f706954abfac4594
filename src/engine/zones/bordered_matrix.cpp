#include "bordered_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"

namespace lobule {

namespace {

constexpr double k_least_growth = 1e-6;  // largest entry of a column over the largest of its factor

}  // namespace

BorderedMatrix::BorderedMatrix(Linearisation& linearisation) : linearisation_(linearisation) {
    const auto n = static_cast<std::size_t>(linearisation.bordered_size());
    std::map<std::pair<std::int32_t, std::int32_t>, std::size_t> places;  // (column, row), which is column order
    for (const Linearisation::Entry& e : linearisation.entries()) places.emplace(std::pair{e.column, e.row}, 0);
    for (std::int32_t i = 0; i < linearisation.bordered_size(); ++i) places.emplace(std::pair{i, i}, 0);
    column_starts_.assign(n + 1, 0);
    for (auto& [at, place] : places) {
        place = rows_.size();
        rows_.push_back(at.second);
        ++column_starts_[static_cast<std::size_t>(at.first) + 1];
    }
    for (std::size_t j = 0; j < n; ++j) column_starts_[j + 1] += column_starts_[j];
    for (const Linearisation::Entry& e : linearisation.entries()) place_.push_back(places.at({e.column, e.row}));
    for (std::int32_t i = 0; i < linearisation.bordered_size(); ++i) diagonal_.push_back(places.at({i, i}));
    values_.assign(rows_.size(), 0.0);
    scaled_.assign(rows_.size(), 0.0);
    work_.assign(n, 0.0);
    klu_l_defaults(&common_);
    symbolic_ = klu_l_analyze(static_cast<long>(n), column_starts_.data(), rows_.data(), &common_);
    if (symbolic_ == nullptr) throw RunError("the Newton matrix could not be analysed");
}

BorderedMatrix::~BorderedMatrix() {
    if (numeric_ != nullptr) klu_l_free_numeric(&numeric_, &common_);
    if (symbolic_ != nullptr) klu_l_free_symbolic(&symbolic_, &common_);
}

void BorderedMatrix::forget() {
    if (numeric_ != nullptr) klu_l_free_numeric(&numeric_, &common_);
}

void BorderedMatrix::assemble(double gamma) {
    std::fill(values_.begin(), values_.end(), 0.0);
    const auto& entries = linearisation_.entries();
    for (std::size_t i = 0; i < entries.size(); ++i)
        values_[place_[i]] += entries[i].row < linearisation_.size() ? -gamma * entries[i].value : entries[i].value;
    for (const std::size_t d : diagonal_) values_[d] += 1.0;
}

void BorderedMatrix::find_column_scales() {
    std::vector<double> largest(work_.size(), 0.0);  // by row
    for (std::size_t i = 0; i < values_.size(); ++i) {
        double& row = largest[static_cast<std::size_t>(rows_[i])];
        row = std::max(row, std::abs(values_[i]));
    }
    column_scales_.assign(work_.size(), 1.0);
    for (std::size_t j = 0; j < work_.size(); ++j) {
        double most = 0.0;
        for (long i = column_starts_[j]; i < column_starts_[j + 1]; ++i)
            most = std::max(most, std::abs(values_[static_cast<std::size_t>(i)]) /
                                      largest[static_cast<std::size_t>(rows_[static_cast<std::size_t>(i)])]);
        if (most > 0.0) column_scales_[j] = 1.0 / most;
    }
}

void BorderedMatrix::scale_columns() {
    for (std::size_t j = 0; j < work_.size(); ++j)
        for (long i = column_starts_[j]; i < column_starts_[j + 1]; ++i)
            scaled_[static_cast<std::size_t>(i)] = values_[static_cast<std::size_t>(i)] * column_scales_[j];
}

int BorderedMatrix::factorise() {
    ++factorisations_;
    // The pivot order and the scales of the first factorisation are kept as long as pivots do not grow. Unknowns differ by many powers of
    // ten (cells, picograms), so the condition of the matrix tells nothing.
    if (numeric_ != nullptr) {
        scale_columns();
        if (klu_l_refactor(column_starts_.data(), rows_.data(), scaled_.data(), symbolic_, numeric_, &common_) != 0 &&
            klu_l_rgrowth(column_starts_.data(), rows_.data(), scaled_.data(), symbolic_, numeric_, &common_) != 0 &&
            common_.rgrowth > k_least_growth)
            return 0;
        klu_l_free_numeric(&numeric_, &common_);
    }
    find_column_scales();
    scale_columns();
    numeric_ = klu_l_factor(column_starts_.data(), rows_.data(), scaled_.data(), symbolic_, &common_);
    return numeric_ == nullptr ? 1 : 0;
}

int BorderedMatrix::solve(double* x, const double* b) {
    const auto n = static_cast<std::size_t>(linearisation_.size());
    std::copy_n(b, n, work_.begin());
    std::fill(work_.begin() + static_cast<std::ptrdiff_t>(n), work_.end(), 0.0);
    if (klu_l_solve(symbolic_, numeric_, static_cast<long>(work_.size()), 1, work_.data(), &common_) == 0) return 1;
    for (std::size_t i = 0; i < n; ++i) x[i] = column_scales_[i] * work_[i];
    return 0;
}

}  // namespace lobule
