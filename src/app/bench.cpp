// `lobule bench`: how fast the parts of the engine are on this machine, as ratios to plain loops timed beside them.
#include <fmt/format.h>

#include "app/benchmark.hpp"
#include "app/verbs.hpp"
#include "base/error.hpp"
#include "io/files.hpp"

namespace lobule::app {

namespace {

constexpr speed::Effort k_full{.rounds = 60, .batch = 300e3}, k_quick{.rounds = 9, .batch = 60e3};

}  // namespace

int bench(const io::Project& project, const BenchOptions& options) {
    speed::Request request{.project = project, .effort = options.quick ? k_quick : k_full, .wanted = {}};
    std::vector<speed::Row> rows;
    std::string groups;
    for (const speed::Group& group : speed::groups()) {
        request.wanted = [&](const std::string& name) {
            return options.only.empty() || speed::matches(options.only, name) ||
                   speed::matches(options.only, group.name + '/' + name);
        };
        std::vector<speed::Row> measured = group.measure(request);
        if (measured.empty()) continue;
        groups += fmt::format("\n{}: {}\n{}", group.name, group.about, speed::text_table(measured));
        rows.insert(rows.end(), measured.begin(), measured.end());
    }
    if (rows.empty())
        throw SpecError(Where{"--only " + options.only, 0, 0, {}}, "fits no benchmark: without it all are shown");

    const io::Json machine = speed::machine();
    if (options.json) {
        const io::Json document =
            io::Json::Object{{"machine", machine}, {"quick", options.quick}, {"rows", speed::json_table(rows)}};
        fmt::print("{}\n", document.dump(true));
    } else {
        const auto of = [&](const char* key) { return machine[key].text(); };
        fmt::print("{}, {} cores, {} vectors; lobule {} ({}), {}, {} {}\n", of("cpu"), machine["cores"].whole(0),
                   of("vectors"), of("version"), of("commit"), of("compiler"), of("build_type"), of("flags"));
        fmt::print("ns: best of {} rounds, for one operation and lane; ratios to what was timed in turns with it\n{}",
                   request.effort.rounds, groups);
    }
    if (!options.output.empty()) io::write_file(options.output, speed::csv_table(rows));
    return 0;
}

}  // namespace lobule::app
