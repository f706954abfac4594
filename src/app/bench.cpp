// `lobule bench`: how fast the parts of the engine are on this machine, as ratios to plain loops timed beside them.
#include <fmt/format.h>

#include <algorithm>

#include "app/benchmark.hpp"
#include "app/verbs.hpp"
#include "base/error.hpp"
#include "io/files.hpp"

namespace lobule::app {

namespace {

constexpr speed::Effort k_full{.rounds = 60, .batch = 300e3}, k_quick{.rounds = 9, .batch = 60e3};

}  // namespace

int bench(const io::Project& project, const BenchOptions& options) {
    speed::Request request{
        .project = project, .effort = options.quick ? k_quick : k_full, .quick = options.quick, .wanted = {}};
    std::vector<speed::Row> rows;
    std::vector<speed::Check> checks;
    std::string groups;
    for (const speed::Group& group : speed::groups()) {
        request.wanted = [&](const std::string& name) {
            return options.only.empty() || speed::matches(options.only, name) ||
                   speed::matches(options.only, group.name + '/' + name);
        };
        const speed::Results measured = group.measure(request);
        if (measured.rows.empty()) continue;
        groups += fmt::format("\n{}: {}\n{}{}", group.name, group.about, speed::text_table(measured.rows),
                              speed::text_checks(measured.checks));
        rows.insert(rows.end(), measured.rows.begin(), measured.rows.end());
        checks.insert(checks.end(), measured.checks.begin(), measured.checks.end());
    }
    if (rows.empty())
        throw SpecError(Where{"--only " + options.only, 0, 0, {}}, "fits no benchmark: without it all are shown");

    const io::Json machine = speed::machine();
    if (options.json) {
        const io::Json document = io::Json::Object{{"machine", machine},
                                                   {"quick", options.quick},
                                                   {"rows", speed::json_table(rows)},
                                                   {"checks", speed::json_checks(checks)}};
        fmt::print("{}\n", document.dump(true));
    } else {
        const auto of = [&](const char* key) { return machine[key].text(); };
        fmt::print("{}, {} cores, {} vectors; lobule {} ({}), {}, {} {}\n", of("cpu"), machine["cores"].whole(0),
                   of("vectors"), of("version"), of("commit"), of("compiler"), of("build_type"), of("flags"));
        fmt::print(
            "best: of up to {} rounds; share: of the limit, which was timed in this process as the reference was\n{}",
            request.effort.rounds, groups);
    }
    if (!options.output.empty()) io::write_file(options.output, speed::csv_table(rows));
    const bool right = std::all_of(checks.begin(), checks.end(), [](const speed::Check& c) { return c.right(); });
    return right ? 0 : 1;
}

}  // namespace lobule::app
