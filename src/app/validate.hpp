// The suites of `lobule validate`: each computes what is compared, the verb shows it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/verbs.hpp"
#include "io/evidence_table.hpp"
#include "io/reproduction.hpp"
#include "io/validation.hpp"

namespace lobule::app {

/// Whether "suite/model" or "suite/model/row" is asked for by --only.
class Selection {
public:
    explicit Selection(std::string pattern) : pattern_(std::move(pattern)) {}
    /// `name` itself, something above it or something below it: "published" selects "published/mald/REP0001" and the
    /// reverse.
    bool touches(const std::string& name) const;
    /// The pattern covers `name` wholly: it, or something above it.
    bool covers(const std::string& name) const;

private:
    std::string pattern_;  // empty: everything
};

struct SuiteRequest {
    const io::Project& project;
    const ValidateOptions& options;
    Selection selection;
    /// A case or model is done: a line on stderr. From any thread.
    std::function<void(const std::string& path, const std::string& what)> ended;
};

io::SuiteResult published_suite(const SuiteRequest& request);
/// In zones, whatever the request says.
io::EvidenceTable evidence_suite(const SuiteRequest& request);

/// reproduce.toml beside a scenario. Throws SpecError with every problem.
io::Reproduction reproduction_of(const io::Project& project, const Model& model, const std::filesystem::path& folder);

}  // namespace lobule::app
