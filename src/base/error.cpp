#include "base/error.hpp"

#include <utility>

namespace lobule {
namespace {

std::string join(const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems) {
        if (!text.empty()) text += '\n';
        text += to_string(problem);
    }
    return text;
}

}  // namespace

std::string to_string(const Problem& problem) {
    const Where& where = problem.where;
    std::string text = where.file;
    if (where.line > 0) {
        if (!text.empty()) text += ':';
        text += std::to_string(where.line);
        if (where.column > 0) text += ':' + std::to_string(where.column);
    }
    if (!text.empty()) text += ": ";
    if (!where.key.empty()) text += where.key + ": ";
    text += problem.what;
    if (!problem.nearest.empty()) text += " (nearest: " + problem.nearest + ')';
    return text;
}

SpecError::SpecError(std::vector<Problem> problems)
    : std::runtime_error(join(problems)), problems_(std::move(problems)) {}

SpecError::SpecError(Where where, std::string what, std::string nearest)
    : SpecError(std::vector<Problem>{{std::move(where), std::move(what), std::move(nearest)}}) {}

}  // namespace lobule
