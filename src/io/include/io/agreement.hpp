// The agreement of the two readings of a case: agreement.toml beside its scenario.toml says at which time and with how many
// agents, a case without one is looked at in the usual way. Results as a table and as one self-contained page.
//
// [[look]]   settings, time, numbers of agents, replicates; or an all-or-none outcome, of which distributions are compared
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/project.hpp"
#include "model/words.hpp"
#include "study/agreement.hpp"

namespace lobule::io {

/// What is all or none: a probe that ends above or below a level.
struct OutcomeSpec {
    std::size_t probe = 0;
    double above = 0.0;  // in the unit of the probe
};

struct AgreementLook {
    std::string name, about;
    std::vector<SettingSpec> settings;
    study::AgreementPlan plan;
    std::optional<OutcomeSpec> outcome;
};

/// The words of agreement.toml; docs derive from this list.
const std::vector<Word>& agreement_words();
/// Interprets agreement.toml; faults are appended.
std::vector<AgreementLook> read_agreement(const Node& root, const Model& model, std::vector<Problem>& problems);
/// How a case without agreement.toml is looked at: after 48 h, or at its end when that is earlier.
AgreementLook usual_look(const Model& model);

struct OutcomeLevel {
    double agents = 0.0, step = 0.0;
    study::Share share;        // of replicates that end above
    double distance = 0.0;     // of the distributions with this step and half of it; below 1: not told apart
    std::vector<double> ends;  // sorted
};

struct LookResult {
    std::string scenario;
    AgreementLook look;
    study::AgreementResult result;
    std::vector<OutcomeLevel> outcomes;  // of an all-or-none outcome
    double reference = 0.0;              // the outcome's probe in the ODE
    double seconds = 0.0;
    bool agrees() const;
    std::size_t count(study::Verdict verdict) const;
};

/// Runs one look. `progress` gets the share done; true stops.
LookResult run_look(const std::string& scenario, const std::shared_ptr<const Model>& model, const RestState& rest,
                    const Parameters& parameters, const AgreementLook& look,
                    const std::function<bool(double)>& progress = {});

/// One row for each scenario, look, observable and number of agents.
std::string agreement_csv(const std::vector<LookResult>& looks);
/// The whole page: no request leaves it. `facts`: label and text.
std::string agreement_html(const std::vector<LookResult>& looks,
                           const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace lobule::io
