// The words of expect.toml: what each table may hold.
#include "io/expectations.hpp"
#include "table_reader.hpp"

namespace lobule::io {

namespace {

std::vector<Key> make_measure() {
    using enum ValueType;
    return {
        {"variant", text, false, "name of a variant; absent: the case itself"},
        {"probe", text, true, "name of a probe"},
        {"over", text, false, "a probe that divides it"},
        {"behind", text, false, "times: a probe whose same moment is subtracted"},
        {"kind", text, true,
         "maximum, minimum, time_of_maximum, time_of_minimum, value_at, fold (value at `at` over that at `from`), "
         "final, "
         "first_above, first_below"},
        {"at", quantity, false, "value_at, fold: when"},
        {"level", quantity, false, "first_above, first_below: what is reached"},
        {"from", quantity, false, "start of the part that is looked at (default 0 h, after the events there)"},
        {"until", quantity, false, "its end (default: that of the run)"},
        {"unit", text, false, "unit of the observed number and of the result, where the printed one is not a unit"}};
}

std::vector<Word> make_words() {
    using enum ValueType;
    const auto with_measure = [&](std::vector<Key> keys) {
        keys.insert(keys.end(),
                    {{"against", text, false, "`case` or a variant: the number is the ratio to that run's"},
                     {"sign", text, false, "less, same or more: what the ratio shows; instead of a band"},
                     {"margin", quantity, false, "share by which less and more differ from 1 at least (default 5 %)"}});
        keys.insert(keys.end(), measure_keys().begin(), measure_keys().end());
        return keys;
    };
    using Form = Word::Form;
    return {
        {"report",
         Form::table,
         "expect",
         "Heads of the report page.",
         {{"title", text, false, "title of the page"},
          {"summary", text, false, "one paragraph: what is shown and why"}}},
        {"variant",
         Form::entries,
         "expect",
         "The same model, started from the same untouched liver, with other settings.",
         {{"about", text, true, "one sentence"},
          {"label", text, false, "a short name for the end of its curves"},
          {"group", text, true, "calibrate, check, prediction or robustness"},
          {"set", laws, false, "part.parameter -> quantity"},
          {"duration", quantity, false, "simulated time (default: that of the scenario)"}}},
        {"series",
         Form::array,
         "expect",
         "Observed points against one probe.",
         {{"name", text, true, "what is drawn above the panel"},
          {"variant", text, false, "name of a variant; absent: the case itself"},
          {"probe", text, true, "name of a probe"},
          {"role", text, true, "calibrate or check: that of its rows"},
          {"rows", names, false, "ids of rows of evidence/"},
          {"match", laws, false, "column -> text: the rows that have it"},
          {"after", quantity, false, "rows at or before this time are left out"},
          {"unit", text, false, "unit of the observed values where the printed one is not a unit"},
          {"scale", quantity, false, "factor on the observed values (default 1)"},
          {"offset", quantity, false, "added after the factor (default 0), in `unit`"},
          {"default_error", quantity, false, "share of its value that a row without spread may miss (default 0.2)"},
          {"study_effect", boolean, false,
           "a constant offset of this study is estimated; calibrate only, one fitted parameter more"},
          {"against", text, false, "a published model: KEY.csv beside this file, columns series, time, unit, value"},
          {"note", text, false, "a caveat that the report prints"}}},
        {"feature", Form::array, "expect", "One number of a curve against rows of evidence.",
         with_measure(
             {{"name", text, true, "what is compared"},
              {"role", text, true, "calibrate or check: that of its rows; prediction: no row exists"},
              {"rows", names, false, "ids of rows of evidence/"},
              {"expected", quantity, false, "the number, where the rows do not print it; `note` says how it follows"},
              {"tolerance", quantity, false, "half width of the band around it"},
              {"between", range, false, "the band itself"},
              {"words", text, false, "what was seen, where it is no number"},
              {"note", text, false, "a caveat that the report prints"}})},
        {"figure",
         Form::array,
         "expect",
         "Curves that are drawn together: one panel for each probe.",
         {{"name", text, true, "title"},
          {"section", text, false, "course (default), prediction or robustness"},
          {"probes", names, true, "one panel each"},
          {"variants", names, false, "overlaid; `case` is the case itself (default)"},
          {"from", quantity, false, "start of the time axis: the page counts from here (default 0 h)"},
          {"until", quantity, false, "end of the time axis"},
          {"note", text, false, "what the reader should know"}}},
        {"structure",
         Form::array,
         "expect",
         "A number of the tissue against rows of evidence: of its structure, where cells are in space, or a probe.",
         {{"name", text, true, "what is compared"},
          {"measure", text, true,
           "sinusoid.segment, PART.density ...: `lobule run` prints them all; or a probe, at the end of the run"},
          {"rows", names, false, "ids of rows of evidence/; none: no published value was found, `note` says so"},
          {"unit", text, false, "unit of the observed number where the printed one is not a unit"},
          {"scale", quantity, false, "factor on the observed value (default 1)"},
          {"note", text, false, "a caveat that the report prints"}}},
        {"section",
         Form::array,
         "expect",
         "A picture of the tissue, where cells are in space.",
         {{"at", quantity, true, "time: the first restart then or after (once a day, and at events)"},
          {"signal", text, false, "a signal part: cells in the colours of its concentration, in extracellular fluid"},
          {"value", text, false, "instead of signal: a define by zone, part.name"},
          {"unit", text, false, "of the scale of colours (default: one of its kind that reads well)"},
          {"matrix", text, false, "a matrix part, drawn as fibres"},
          {"note", text, false, "caption"}}},
        {"band",
         Form::table,
         "expect",
         "Inputs that are drawn over declared ranges.",
         {{"about", text, true, "one sentence: what is not known, and what the band says"},
          {"parameters", names, false, "part.parameter: each is drawn over the range that its part declares"},
          {"runs", integer, false, "how many draws (default 24)"},
          {"share", quantity, false, "share of the runs that lies within the band (default 0.9)"},
          {"variants", names, false, "run with the same draws beside the case itself (default: none)"},
          {"seed", integer, false, "of the draws (default 1)"}}},
        {"input",
         Form::array,
         "expect",
         "An input of [band] with a range of this case's own.",
         {{"name", text, true, "part.parameter"},
          {"between", range, false, "lowest and highest value (default: the range that its part declares)"}}},
        {"check", Form::array, "expect", "A band that a test asserts.",
         with_measure({{"name", text, true, "what is asserted"},
                       {"between", range, false, "the band; needed without `sign`"},
                       {"reason", text, true, "why these bounds"}})},
    };
}

}  // namespace

const std::vector<Key>& measure_keys() {
    static const std::vector<Key> list = make_measure();
    return list;
}

const std::vector<Word>& expectation_words() {
    static const std::vector<Word> list = make_words();
    return list;
}

}  // namespace lobule::io
