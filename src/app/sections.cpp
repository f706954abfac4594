#include "sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/progress.hpp"
#include "engine/tissue.hpp"
#include "io/section.hpp"

namespace lobule::app {

namespace {

constexpr double k_day = 24.0;  // [h]

}  // namespace

Sections::Sections(const Run& reading, const io::Expectations& expectations, std::filesystem::path folder, bool resumed)
    : reading_(reading), folder_(std::move(folder)), due_(expectations.sections) {
    if (reading_.options.tissue == nullptr) {
        due_.clear();
        return;
    }
    if (due_.empty())
        for (const double day : {0.0, 1.0, 2.0, 3.0, 7.0, 14.0}) due_.push_back({day * k_day, {}, {}, {}, {}, {}});
    std::stable_sort(due_.begin(), due_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    if (resumed) pictures_ = io::read_pictures(folder_);
    for (const io::TissuePicture& picture : pictures_)
        std::erase_if(due_, [&](const io::SectionSpec& spec) { return spec.at <= picture.time; });
}

void Sections::restart_point(const State& state) {
    while (!due_.empty() && due_.front().at <= state.time) {
        draw(state, due_.front());
        due_.erase(due_.begin());
    }
}

void Sections::finish(const State& last) {
    if (reading_.options.tissue == nullptr) return;
    restart_point(last);
    if (pictures_.empty() || pictures_.back().time < last.time) draw(last, {last.time, {}, {}, {}, {}, {}});
    io::write_pictures(folder_, pictures_);
}

void Sections::draw(const State& state, const io::SectionSpec& spec) {
    io::SectionStyle style;
    style.title = reading_.model->spec.name;
    style.matrix = spec.matrix;
    const std::string& name = spec.signal.empty() ? spec.value : spec.signal;
    for (const ZoneValue& value : reading_.model->run.zone_values)
        if (value.name == name)
            style.field = {name, value_by_place(*reading_.model, reading_.inputs, state, value), value.dimension,
                           spec.unit, spec.signal.empty() ? "" : "extracellular fluid"};
    const std::string when = time_text(state.time);
    pictures_.push_back({state.time, spec.note,
                         fmt::format("Section through the tissue at {}{}{}", when,
                                     name.empty()          ? ""
                                     : spec.signal.empty() ? ", coloured by " + name
                                                           : ", coloured by the concentration of " + name,
                                     spec.matrix.empty() ? "" : ", with " + spec.matrix),
                         io::draw_section(*reading_.model, *reading_.options.tissue, state, style)});
}

}  // namespace lobule::app
