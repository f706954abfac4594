// Pictures of the tissue while a run goes on: at the start, at the times that a case asks for, and at the end.
#pragma once

#include <filesystem>
#include <vector>

#include "io/expectations.hpp"
#include "io/report.hpp"
#include "simulate.hpp"

namespace lobule::app {

class Sections {
public:
    /// `reading` must outlive this. A resumed run keeps the pictures that its folder holds.
    Sections(const Run& reading, const io::Expectations& expectations, std::filesystem::path folder, bool resumed);

    /// At every restart point: draws what is due.
    void restart_point(const State& state);
    /// The last picture; writes all to the folder.
    void finish(const State& last);

private:
    void draw(const State& state, const io::SectionSpec& spec);

    const Run& reading_;
    std::filesystem::path folder_;
    std::vector<io::SectionSpec> due_;  // by time
    std::vector<io::TissuePicture> pictures_;
};

}  // namespace lobule::app
