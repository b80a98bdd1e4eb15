#include "engine/base/files.h"

#include <catch2/catch.hpp>

#include <stdexcept>

#include "tests/support/temp.h"

using namespace tombolo;

TEST_CASE("a file is read as it stands, whatever its size and its bytes", "[base]") {
  const test::TempFolder folder;
  for (const std::size_t size : {0u, 1u, 16384u, 16385u, 100000u}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7);
    test::write_file(folder / "some.bin", bytes);
    CHECK(read_file(folder / "some.bin") == bytes);
  }
}

TEST_CASE("a file that cannot be read is named, with the reason", "[base]") {
  const test::TempFolder folder;
  CHECK_THROWS_WITH(read_file(folder / "none.map"), "cannot read " + (folder / "none.map").string() + ": No such file or directory");
  CHECK_THROWS_WITH(read_file(folder.path()), "cannot read " + folder.path().string() + ": Is a directory");
  CHECK_THROWS_AS(read_file(folder / "none.map"), std::runtime_error);
}
