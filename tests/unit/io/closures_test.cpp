#include "io/closures.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/files.hpp"
#include "io/project.hpp"

namespace lobule::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_tissue = R"(
[tissue]
about = "Lobules of a rat."
volume = "size"
count = "lobules"
fluid = "lumen"
displacement = "pressing"
radius = "far"
[sinusoids]
portal_radius = "narrow"
central_radius = "wide"
segment = "part"
share = "lumen"
portal_tract = "tract"
central_vein = "vein"
viscosity = "mu"
[parameters]
size = { value = "2.1e8 um^3", source = "derived:test", about = "n" }
lobules = { value = "4e4", source = "derived:test", about = "n" }
pressing = { value = "0.1 1/h", source = "derived:test", about = "n" }
far = { value = "284 um", source = "derived:test", about = "n" }
narrow = { value = "3.8 um", source = "derived:test", about = "n" }
wide = { value = "4.93 um", source = "derived:test", about = "n" }
part = { value = "20.1 um", source = "derived:test", about = "n" }
lumen = { value = "0.106", source = "derived:test", about = "n" }
tract = { value = "23 um", source = "derived:test", about = "n" }
vein = { value = "26.5 um", source = "derived:test", about = "n" }
mu = { value = "8.2 mPa s", source = "derived:test", about = "n" }
)";
constexpr const char* k_body = R"t(
[body]
about = "Blood."
[parameters]
pumped = { value = "1e15 um^3/h", source = "derived:test", about = "n" }
space = { value = "1e12 um^3", source = "derived:test", about = "n" }
[compartments]
plasma = { volume = "space", source = "assumed" }
[[flow]]
from = "plasma"
to = "lobule"
rate = "pumped"
[[flow]]
from = "lobule"
to = "plasma"
rate = "pumped"
[probe]
pressure = { law = "lobule.pressure", unit = "mmHg", about = "n" }
wall = { law = "zone_sum(zone.wall)", unit = "um^2", about = "n" }
)t";
constexpr const char* k_scenario = "[scenario]\nabout = \"rat\"\nparts = [\"t\", \"b\"]\nduration = \"1 d\"\n";

class KeptClosures : public testing::Test {
protected:
    KeptClosures() : root(fs::temp_directory_path() / ("lobule-closures-" + std::to_string(getpid()))) {
        fs::remove_all(root);
        std::vector<Problem> problems;
        Catalogue all;
        for (const auto& [name, text] : {std::pair{"t", k_tissue}, std::pair{"b", k_body}})
            all.add(read_part(name, parse_toml(text, std::string(name) + ".toml"), problems));
        const Spec spec = read_scenario("case", parse_toml(k_scenario, "scenario.toml"), problems);
        if (!problems.empty()) throw SpecError(std::move(problems));
        model = compile(spec, all);
    }
    ~KeptClosures() override { fs::remove_all(root); }

    fs::path root;
    std::shared_ptr<const Model> model;
};

TEST_F(KeptClosures, AreTheSameBitsAsDerivedOnes) {
    const Closures derived = derive_closures(*model);
    ASSERT_FALSE(derived.values.empty());
    EXPECT_EQ(keep_closures(*model, root), derived);  // derived and written
    const fs::path file = root / (derived.key + ".txt");
    ASSERT_TRUE(fs::exists(file));
    EXPECT_EQ(keep_closures(*model, root), derived);  // read
    // What lies there is what is used: a number that was changed with its hash comes back.
    Closures other = derived;
    other.values[0][0] = 0.1;
    write_file(file, closures_text(*model, other));
    EXPECT_EQ(keep_closures(*model, root), other);
}

TEST_F(KeptClosures, ThatAreDamagedAreDerivedAgain) {
    const Closures derived = keep_closures(*model, root);
    const fs::path file = root / (derived.key + ".txt");
    const std::string whole = read_bytes(file);
    std::string flipped = whole, renamed = whole;
    flipped[flipped.find("0x1.") + 5] = flipped[flipped.find("0x1.") + 5] == '0' ? '1' : '0';
    renamed.replace(renamed.find("lobule.admittance"), 17, "lobule.admittanc3");
    for (const std::string& text :
         {std::string(), std::string("nonsense"), whole.substr(0, whole.size() / 2), flipped, renamed}) {
        write_file(file, text);
        EXPECT_EQ(keep_closures(*model, root), derived) << text;
        EXPECT_EQ(read_bytes(file), whole);  // and written again
    }
}

TEST_F(KeptClosures, NeedNoFolder) {
    const Closures derived = derive_closures(*model);
    EXPECT_EQ(keep_closures(*model, {}), derived);
    write_file(root, "a file where the folder would be");
    EXPECT_EQ(keep_closures(*model, root), derived);
}

}  // namespace
}  // namespace lobule::io
