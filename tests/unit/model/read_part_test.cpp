// read_part(): what a file says, and what it says wrong, with places.
#include "model/part.hpp"

#include <gtest/gtest.h>

#include "model_text.hpp"

namespace lobule::test {
namespace {

Part part(const std::string& text) { return *catalogue({{"thing", text}}).find("thing"); }
std::string told(const std::string& text, const std::string& name = "thing") {
    return problems_of([&] { catalogue({{name, text}}); });
}
bool has(const std::string& text, const std::string& piece) { return text.find(piece) != std::string::npos; }

const std::string k_cell = cell_head("plate");
const std::string k_states =
    "[states]\none = { start = \"5 cell\", source = \"assumed\" }\ntwo = { stages = 3, advance = \"k\" }\n";

TEST(ReadPart, ACell) {
    const Part cell = part(k_cell + k_states + R"t(
        [parameters]
        k = { value = "2 1/d", range = ["1 1/d", "3 1/d"], source = "someone1999", about = "pace" }
        [[transition]]
        from = ["one", "two"]
        to = { two = "0.3", "dead:necrosis" = "0.7" }
        rate = "k"
        [[division]]
        state = "two"
        at_stage = "2-3"
        to = "one"
        rate = "k"
        [[death]]
        state = "all"
        kind = "apoptosis"
        rate = "k"
        name = "lost")t");
    EXPECT_EQ(cell.kind, PartKind::cell);
    EXPECT_TRUE(cell.displaced);
    EXPECT_TRUE(cell.nucleus);
    EXPECT_FALSE(part(k_cell + "nucleus = false\n" + k_states).nucleus);
    EXPECT_EQ(to_string(cell.parameter("volume")->value->dimension), "um^3/cell");
    EXPECT_DOUBLE_EQ(cell.parameter("k")->value->value, 2.0 / 24.0);
    EXPECT_DOUBLE_EQ(cell.parameter("k")->range->second.value, 3.0 / 24.0);
    EXPECT_EQ(cell.parameter("k")->kind(), SourceKind::sourced);
    EXPECT_EQ(cell.state("two")->stages, 3);
    ASSERT_EQ(cell.processes.size(), 3U);
    EXPECT_EQ(cell.processes[0].to.size(), 2U);
    EXPECT_EQ(cell.processes[0].stages.form, StageRange::Form::last);
    EXPECT_EQ(cell.processes[1].stages.first, 2);
    EXPECT_EQ(cell.processes[1].stages.last, 3);
    EXPECT_TRUE(cell.processes[2].states.empty());  // all
    EXPECT_EQ(cell.processes[2].stages.form, StageRange::Form::all);
    EXPECT_EQ(cell.processes[2].name, "lost");
}

TEST(ReadPart, ADiameterIsASphere) {
    const Part cell =
        part("[cell]\nabout = \"c\"\nplace = \"lumen\"\ndiameter = { value = \"10 um\", source = \"derived:test\" }\n" +
             k_states);
    EXPECT_NEAR(cell.parameter("volume")->value->value, 523.5987755982989, 1e-9);
    EXPECT_FALSE(cell.displaced);
}

TEST(ReadPart, KindsOfSources) {
    EXPECT_EQ(source_kind("balance"), SourceKind::balance);
    EXPECT_EQ(source_kind("assumed"), SourceKind::assumed);
    EXPECT_EQ(source_kind("derived:2 / 3"), SourceKind::derived);
    EXPECT_EQ(source_kind("fit:phx"), SourceKind::fitted);
    EXPECT_EQ(source_kind("smith2001"), SourceKind::sourced);
    EXPECT_EQ(source_kind("assumption"), SourceKind::sourced);
}

TEST(ReadPart, FaultsOfShape) {
    EXPECT_TRUE(has(told("[cel]\nabout = \"c\"\n"), "cell"));
    EXPECT_TRUE(has(told("[body]\nabout = \"b\"\n[injury]\nabout = \"i\"\n"), "more than one kind"));
    EXPECT_TRUE(has(told("[body]\nabout = \"b\"\n", "Thing"), "lower case"));
    EXPECT_TRUE(has(told("[body]\n"), "lacks the key `about`"));
    EXPECT_TRUE(has(told("[body]\nabout = \"b\"\nabuot = \"c\"\n"), "(nearest: about)"));
    EXPECT_TRUE(has(told("[body]\nabout = \"b\"\n[[death]]\nstate = \"all\"\n"), "no meaning in a body part"));
    EXPECT_TRUE(has(told("[body]\nabout = \"b\"\n[parametres]\n"), "(nearest: parameters)"));
    EXPECT_TRUE(has(told("[body]\nabout = 3\n"), "`about` must be a string"));
    EXPECT_TRUE(has(told("[body]\nabout = \"b\"\n[event]\nat = \"1 h\"\n"), "there may be several"));
}

TEST(ReadPart, FaultsOfParameters) {
    const auto parameter = [](const std::string& entry) {
        return told("[body]\nabout = \"b\"\n[parameters]\nk = { " + entry + " }\n");
    };
    EXPECT_EQ(parameter("value = \"1 1/h\", source = \"derived:x\", about = \"a\""), "");
    EXPECT_TRUE(has(parameter("value = \"1 1/h\", about = \"a\""), "lacks the key `source`"));
    EXPECT_TRUE(has(parameter("value = \"1 parsec\", source = \"derived:x\", about = \"a\""), "thing.toml:4:"));
    EXPECT_TRUE(has(parameter("value = \"1 1/h\", source = \"assumed\", about = \"a\""), "range"));
    EXPECT_TRUE(has(parameter("value = \"1 1/h\", range = [\"1 um\", \"2 um\"], source = \"assumed\", about = \"a\""),
                    "dimension"));
    EXPECT_TRUE(has(parameter("value = \"5 1/h\", range = [\"1 1/h\", \"2 1/h\"], source = \"assumed\", about = \"a\""),
                    "range"));
    EXPECT_TRUE(has(parameter("value = \"1 1/h\", source = \"balance\", about = \"a\""), "no value of its own"));
}

TEST(ReadPart, FaultsOfCells) {
    const auto cell = [](const std::string& text) {
        return told(k_cell + k_states + parameters({{"k", "1 1/h"}}) + text);
    };
    EXPECT_EQ(cell(""), "");
    EXPECT_TRUE(
        has(told("[cell]\nabout = \"c\"\nplace = \"disee\"\nvolume = { value = \"1 um^3\", source = \"derived:x\" }\n" +
                 k_states),
            "(nearest: disse)"));
    EXPECT_TRUE(has(told("[cell]\nabout = \"c\"\nplace = \"disse\"\n" + k_states), "either `volume` or `diameter`"));
    EXPECT_TRUE(has(told(k_cell), "at least one state"));
    EXPECT_TRUE(has(told(k_cell + "[states]\none = { stages = 3 }\n"), "needs `advance`"));
    EXPECT_TRUE(has(told(k_cell + "[states]\none = { stages = 0, advance = \"1\" }\n"), "between 1 and 64"));
    EXPECT_TRUE(has(told(k_cell + "[states]\none = { advance = \"1\" }\n"), "no meaning for a state with one stage"));
    EXPECT_TRUE(has(told(k_cell + "[states]\nsize = {}\n"), "cannot name a state"));
    EXPECT_TRUE(has(told(k_cell + "[states]\none = { start = \"5 cell\" }\n"), "needs a `source`"));
    EXPECT_TRUE(has(cell("[[transition]]\nfrom = \"on\"\nto = \"two\"\nrate = \"k\"\n"), "(nearest: one)"));
    EXPECT_TRUE(
        has(cell("[[transition]]\nfrom = \"two\"\nat_stage = \"4\"\nto = \"one\"\nrate = \"k\"\n"), "has 3 stages"));
    EXPECT_TRUE(
        has(cell("[[transition]]\nfrom = \"two\"\nat_stage = \"3-2\"\nto = \"one\"\nrate = \"k\"\n"), "a range (2-3)"));
    EXPECT_TRUE(
        has(cell("[[transition]]\nfrom = \"two\"\nat_stage = \"x\"\nto = \"one\"\nrate = \"k\"\n"), "a range (2-3)"));
    EXPECT_TRUE(
        has(cell("[[division]]\nstate = \"one\"\nto = \"dead:x\"\nrate = \"k\"\n"), "a daughter cannot be dead"));
    EXPECT_TRUE(has(cell("[[division]]\nstate = \"one\"\nto = \"one\"\nbinucleation = \"0.5\"\nrate = \"k\"\n"),
                    "needs a cell with `binucleate`"));
    EXPECT_TRUE(has(cell("[[death]]\nstate = \"one\"\nclass = \"both\"\nkind = \"x\"\nrate = \"k\"\n"),
                    "mononucleate or binucleate"));
    EXPECT_TRUE(
        has(told(k_cell + "profile = { value = [0.5, 0.4], source = \"derived:x\" }\n" + k_states), "add up to 1"));
    EXPECT_TRUE(has(told(k_cell + "profile = { value = [1.5, -0.5], source = \"derived:x\" }\n" + k_states),
                    "cannot be negative"));
}

TEST(ReadPart, FaultsOfOtherWords) {
    const auto body = [](const std::string& text) { return told("[body]\nabout = \"b\"\n" + text); };
    EXPECT_TRUE(has(body("[[event]]\nset = { x = \"1\" }\n"), "either `at` or `when`"));
    EXPECT_TRUE(has(body("[[event]]\nwhen = \"1 > 0\"\nevery = \"1 h\"\nset = { x = \"1\" }\n"), "`every` needs `at`"));
    EXPECT_TRUE(has(body("[[effect]]\non = \"a.b\"\n"), "either `factor` or `adds`"));
    EXPECT_TRUE(has(body("[[effect]]\non = \"a.b\"\nfactor = \"1\"\nadds = \"1\"\n"), "either `factor` or `adds`"));
    EXPECT_TRUE(has(body("[probe]\nx = { law = \"1\", unit = \"mol/lter\", about = \"a\" }\n"), "thing.toml:4:"));
    EXPECT_TRUE(has(body("[define]\nx = { law = \"1\", scope = \"liver\" }\n"), "zone or body"));
    EXPECT_TRUE(has(body("[compartments]\nlobule = \"1\"\n"), "cannot name a compartment"));
    EXPECT_TRUE(has(
        told("[signal]\nabout = \"s\"\nscale = \"quick\"\nstart = { value = \"1 ng/ml\", source = \"derived:x\" }\n"),
        "fast or slow"));
    EXPECT_TRUE(
        has(told("[signal]\nabout = \"s\"\nscale = \"fast\"\nstart = { value = \"1 h\", source = \"derived:x\" }\n"),
            "concentration"));
}

TEST(ReadPart, TellsEveryFaultOfAFile) {
    const std::string text = told(
        k_cell +
        "[states]\none = { stages = 3 }\nsize = {}\n[[transition]]\nfrom = \"three\"\nto = \"four\"\nrate = \"1\"\n");
    EXPECT_GE(std::count(text.begin(), text.end(), '\n'), 4) << text;
}

}  // namespace
}  // namespace lobule::test
