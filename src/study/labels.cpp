#include "study/labels.hpp"

#include <algorithm>
#include <set>

namespace lobule::study {

namespace {

constexpr std::size_t k_most_texts = 3;

using Members = std::vector<std::size_t>;

std::string text_of(const std::vector<Trait>& traits, const std::string& name) {
    const auto found = std::find_if(traits.begin(), traits.end(), [&](const Trait& t) { return t.name == name; });
    return found == traits.end() ? std::string() : found->text;
}

/// Names of the traits whose texts are not all equal, in the order of the first run that has them.
std::vector<std::string> varying(std::span<const RunTraits> runs, const Members& members) {
    std::vector<std::string> names;
    for (const std::size_t i : members)
        for (const Trait& trait : runs[i].traits) {
            if (std::find(names.begin(), names.end(), trait.name) != names.end()) continue;
            const auto equal = [&](std::size_t j) { return text_of(runs[j].traits, trait.name) == trait.text; };
            if (!std::all_of(members.begin(), members.end(), equal)) names.push_back(trait.name);
        }
    return names;
}

/// The text that most runs have; of equally many, the one of the earliest run.
std::string most_common(std::span<const RunTraits> runs, const Members& members, const std::string& name) {
    std::string best;
    std::ptrdiff_t most = 0;
    for (const std::size_t i : members) {
        const std::string text = text_of(runs[i].traits, name);
        const auto count = std::count_if(members.begin(), members.end(),
                                         [&](std::size_t j) { return text_of(runs[j].traits, name) == text; });
        if (count > most) best = text, most = count;
    }
    return best;
}

void append(std::string& label, const std::string& text) {
    if (!text.empty()) label += (label.empty() ? "" : ", ") + text;
}

void label_one_scenario(std::span<const RunTraits> runs, const Members& members, std::vector<std::string>& labels) {
    const std::vector<std::string> names = varying(runs, members);
    for (const std::size_t i : members) {
        if (members.size() < 2) continue;
        std::string text;
        std::size_t used = 0, left = 0;
        for (const std::string& name : names) {
            const std::string own = text_of(runs[i].traits, name);
            if (own.empty() || (names.size() > 1 && own == most_common(runs, members, name))) continue;
            if (used++ < k_most_texts)
                append(text, own);
            else
                ++left;
        }
        if (left > 0) text += " and " + std::to_string(left) + " more";
        append(labels[i], text.empty() && !names.empty() ? "base" : text);
    }
}

/// Adds what is kept for the last while two labels are equal: to all of the equal ones, so that none looks like the
/// only one.
void make_unique(std::span<const RunTraits> runs, std::vector<std::string>& labels) {
    std::size_t most = 0;
    for (const RunTraits& run : runs) most = std::max(most, run.last_resort.size());
    for (std::size_t which = 0; which < most; ++which) {
        const std::vector<std::string> before = labels;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            if (which >= runs[i].last_resort.size()) continue;
            const std::string& own = runs[i].last_resort[which].text;
            const auto differs = [&](std::size_t j) {
                return j != i && before[j] == before[i] &&
                       (which >= runs[j].last_resort.size() || runs[j].last_resort[which].text != own);
            };
            bool split = false;
            for (std::size_t j = 0; j < runs.size(); ++j) split = split || differs(j);
            if (split) append(labels[i], own);
        }
    }
}

}  // namespace

std::vector<std::string> run_labels(std::span<const RunTraits> runs) {
    std::vector<std::string> labels(runs.size()), scenarios;
    for (const RunTraits& run : runs)
        if (std::find(scenarios.begin(), scenarios.end(), run.scenario) == scenarios.end())
            scenarios.push_back(run.scenario);
    for (const std::string& scenario : scenarios) {
        Members members;
        for (std::size_t i = 0; i < runs.size(); ++i)
            if (runs[i].scenario == scenario) members.push_back(i);
        if (scenarios.size() > 1)
            for (const std::size_t i : members) labels[i] = scenario;
        label_one_scenario(runs, members, labels);
    }
    make_unique(runs, labels);
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (labels[i].empty()) labels[i] = runs[i].scenario;  // one run alone, or nothing differs
    return labels;
}

std::size_t letters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace lobule::study
