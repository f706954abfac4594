// Short names for runs, made from what differs among them.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace lobule::study {

/// One thing that may differ among runs: `name` says which, `text` is the label of its value ("7 zones").
struct Trait {
    std::string name, text;
};

struct RunTraits {
    std::string scenario;
    std::vector<Trait> traits;       // what a label is made of, the weightiest first
    std::vector<Trait> last_resort;  // added in this order, and only while two labels are equal
};

/// A label each. Runs of several scenarios carry its name. Among runs of one scenario: where one trait differs, its
/// text; where several do, those in which a run differs from most others (at most three), "base" where there is none.
/// Unique when the last resort is.
std::vector<std::string> run_labels(std::span<const RunTraits> runs);

/// Letters of a label (UTF-8), not bytes.
std::size_t letters(const std::string& text);

}  // namespace lobule::study
