// What settings of a scenario, a command line or a species do to a model while it is compiled: the values of its parameters, and
// which parts it has. Private to the model layer.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/model.hpp"

namespace lobule {

/// As its part declares it; the name is owner.parameter.
ParameterInfo declared_parameter(const Part& part, const std::string& owner, const ParameterSpec& spec);

/// Gives the parameter the value that `spec` of `by` says.
void override_parameter(ParameterInfo& info, const ParameterSpec& spec, const std::string& by,
                        std::vector<Problem>& problems);

/// Notes what is wrong with a setting of this parameter: its dimension, its range, its choice.
void check_setting(const SettingSpec& setting, const ParameterInfo& info, std::vector<Problem>& problems);

/// Where the values of parameters come from before there is a model.
struct Given {
    const Catalogue& catalogue;
    const Part* species;
    const Spec& spec;
    const std::vector<SettingSpec>& settings;
};

/// Takes the parts out of `chosen` that need a parameter which is 0, or whose part is not there. Writes what the model says of
/// them: needs, absent, absent_probes.
void leave_out(std::set<std::string>& chosen, const Given& given, Model& model, std::vector<Problem>& problems);

}  // namespace lobule
