#include "engine/mapping/language/layout.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

#include "engine/base/files.h"

using tombolo::mapping::lay_out;

namespace {

std::string words_of(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }), text.end());
  return text;
}

}  // namespace

TEST_CASE("a map file is laid out by its blocks, its arrows in a column", "[fmt]") {
  CHECK(lay_out("# people\n"
                "map PID to Patient\n"
                "reads PV1\n"
                "key <- PID-3.1\n"
                "      identifier<-PID-3,PID-4   as CX-Identifier\n"
                "\n\n\n"
                " contact each PID-6{\n"
                "# the mother\n"
                "     name <- PID-6 as XPN-HumanName # as sent\n"
                "\tuse   <-'old'\t \n"
                "}\n"
                "birthDate <- PID-7\n"
                "              else PID-8,\n"
                "                   PID-9\n"
                "\n") ==
        "# people\n"
        "map PID to Patient\n"
        "  reads PV1\n"
        "  key        <- PID-3.1\n"
        "  identifier <- PID-3, PID-4 as CX-Identifier\n"
        "\n"
        "  contact each PID-6 {\n"
        "# the mother\n"
        "    name  <- PID-6 as XPN-HumanName  # as sent\n"
        "    use   <- 'old'\n"
        "  }\n"
        "  birthDate <- PID-7\n"
        "                else PID-8,\n"
        "                     PID-9\n");
}

TEST_CASE("columns of clauses and comments stay where somebody put them", "[fmt]") {
  const std::string text =
      "map OBX to Observation\n"
      "  method   <- OBX-17.first() as CWE-CodeableConcept     # one in R4\n"
      "  device   <- OBX-18.first() as EI-Device               # one in R4\n"
      "  bodySite <- OBX-20                                    on miss keep\n"
      "  value    <- 'a  b,c # {' + \"\"                       when {} = 'x'\n";
  CHECK(lay_out(text) == text);
}

TEST_CASE("a part begins at the left edge, and a name that looks like one does not", "[fmt]") {
  CHECK(lay_out("  segment ZPI after PID\n1  kind    ID\nmap PID to Patient\n    let n = 1\n    `map` <- PID-3\nlet house = 'N'\n") ==
        "segment ZPI after PID\n  1  kind    ID\nmap PID to Patient\n  let n = 1\n  `map` <- PID-3\nlet house = 'N'\n");
}

TEST_CASE("statements of an edit are laid out as blocks and lines are", "[fmt]") {
  CHECK(lay_out("edit ADT_A01\nmove ZPI after PV1   when PID-8='M'\ncopy OBX[1] before OBX{\nOBX-1<-'2'\nOBX-11   <- 'C'\n}\n   delete ZPI\nadd NTE after PID{ NTE-3<-'x' }\n") ==
        "edit ADT_A01\n"
        "  move ZPI after PV1   when PID-8='M'\n"
        "  copy OBX[1] before OBX {\n"
        "    OBX-1    <- '2'\n"
        "    OBX-11   <- 'C'\n"
        "  }\n"
        "  delete ZPI\n"
        "  add NTE after PID { NTE-3 <- 'x' }\n");
}

TEST_CASE("laying out the maps that ship changes blanks only, and twice is once", "[fmt]") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(TOMBOLO_SOURCE_DIR) / "mappings")) {
    if (entry.path().extension() != ".map") continue;
    INFO(entry.path().string());
    const auto text = tombolo::read_file(entry.path());
    const auto laid = lay_out(text);
    CHECK(words_of(laid) == words_of(text));
    CHECK(lay_out(laid) == laid);
    ++files;
  }
  CHECK(files > 50);
}

TEST_CASE("what is no map file keeps its words too", "[fmt]") {
  for (const std::string text : {"", "\n", "}}}}\n{", "'open\n  x <- 'y", "\t\r\n#", "<-<-<-{,", "a <- b\r\n  \r\n c <- d", "`", "\\"}) {
    CHECK(words_of(lay_out(text)) == words_of(text));
    CHECK(lay_out(lay_out(text)) == lay_out(text));
  }
}
