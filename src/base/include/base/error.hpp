// What can go wrong, in two words: a user's mistake (SpecError, exit 2) and a failed run (RunError, exit 1).
// A bug is neither: LOBULE_ASSERT prints its operands (base/assert.hpp).
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace lobule {

/// A place in a user's text. `line` and `column` count from 1; 0 means unknown.
struct Where {
    std::string file;
    int line = 0;
    int column = 0;
    std::string key;  // dotted path of the key inside the file, may be empty
};

/// One mistake in the input: where, what, and the nearest right name (empty when there is none).
struct Problem {
    Where where;
    std::string what;
    std::string nearest;
};

/// "file:line:column: key: what (nearest: name)", one line without a newline.
std::string to_string(const Problem& problem);

/// The input is wrong. Carries every problem found, in file order.
class SpecError : public std::runtime_error {
public:
    explicit SpecError(std::vector<Problem> problems);
    SpecError(Where where, std::string what, std::string nearest = {});
    const std::vector<Problem>& problems() const noexcept { return problems_; }

private:
    std::vector<Problem> problems_;
};

/// The run failed though the input was right (a solver gave up, a disk is full).
class RunError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A broken invariant of the program itself.
class Bug : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

}  // namespace lobule
