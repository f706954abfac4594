// The words of reproduce.toml: what each table may hold.
#include "io/reproduction.hpp"

namespace lobule::io {

namespace {

std::vector<Word> make_words() {
    using enum ValueType;
    using Form = Word::Form;
    return {
        {"reproduce",
         Form::table,
         "reproduce",
         "Which rows the model must reproduce, and how near.",
         {{"about", text, true, "one sentence: what is reproduced"},
          {"models", names, true,
           "names in the column `model` of evidence/reproduction.csv: every row of them is mapped or left out"},
          {"units", laws, false, "printed unit -> unit that the program reads"},
          {"tolerance", quantity, true, "share of its value by which a reading may miss, where a [[rows]] has none"},
          {"reason", text, true, "why that much"}}},
        {"run",
         Form::entries,
         "reproduce",
         "The model with other settings.",
         {{"about", text, true, "one sentence"},
          {"set", laws, false, "part.parameter -> quantity"},
          {"duration", quantity, false, "simulated time (default: that of the scenario)"},
          {"fails", range, false, "a negative control: it must fail within these two times"}}},
        {"bisection",
         Form::entries,
         "reproduce",
         "A setting at which a reading changes sides, found by halving an interval over runs.",
         {{"about", text, true, "one sentence"},
          {"vary", text, true, "part.parameter that is halved"},
          {"between", range, true, "the interval: the reading must be on different sides at its ends"},
          {"precision", quantity, true, "width at which halving ends"},
          {"above", quantity, true, "the reading that divides the sides"},
          {"set", laws, false, "other settings"},
          {"duration", quantity, false, "simulated time (default: that of the scenario)"},
          {"probe", text, true, "name of a probe"},
          {"kind", text, true, "as in a [[feature]] of expect.toml"},
          {"at", quantity, false, "as in a feature"},
          {"level", quantity, false, "as in a feature"},
          {"from", quantity, false, "as in a feature"},
          {"until", quantity, false, "as in a feature"}}},
        {"rows",
         Form::array,
         "reproduce",
         "Rows, and the reading of a run that must give each.",
         {{"rows", names, false, "ids of rows"},
          {"match", laws, false, "column -> text: the rows of the models that have it"},
          {"run", text, false, "name of a run; absent: the scenario itself"},
          {"bisection", text, false, "name of a bisection, instead of run and probe"},
          {"probe", text, false, "name of a probe"},
          {"probes", laws, false,
           "printed observable -> probe, instead of `probe`: of the rows those that have one of these"},
          {"over", text, false, "a probe that divides it"},
          {"behind", text, false, "times: a probe whose same moment is subtracted"},
          {"kind", text, false, "as in a [[feature]] of expect.toml (default value_at)"},
          {"at", quantity, false, "value_at, fold: when (default: the time of the row)"},
          {"level", quantity, false, "as in a feature"},
          {"from", quantity, false, "as in a feature"},
          {"until", quantity, false, "as in a feature"},
          {"unit", text, false, "unit of the result and of the printed numbers"},
          {"expected", quantity, false, "the number, where the row prints it among words"},
          {"between", range, false, "a band instead of a number: how words are read"},
          {"tolerance", quantity, false, "share of its value by which a reading may miss"},
          {"absolute", quantity, false, "that much is allowed in any case"},
          {"time_tolerance", quantity, false, "maximum, minimum: the row's time is compared too, to this"},
          {"reason", text, false, "why that much; needed with a tolerance or band of its own"},
          {"note", text, false, "a caveat that the page prints"}}},
        {"left_out",
         Form::array,
         "reproduce",
         "Rows that are not compared.",
         {{"rows", names, false, "ids of rows"},
          {"match", laws, false, "column -> text"},
          {"reason", text, true, "why not"}}},
    };
}

}  // namespace

const std::vector<Word>& reproduction_words() {
    static const std::vector<Word> list = make_words();
    return list;
}

}  // namespace lobule::io
