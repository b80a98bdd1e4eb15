// Library: finds the files that names in channels and maps stand for. First in the site folder, then in what ships.
// What ships (mappings/, schemas/) is packed into the binary at build; a folder may stand in for the pack.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tombolo {

struct File {
  std::string name;      // as asked for, relative: "mappings/hl7v2-to-fhir/segments/PID-Patient.map"
  std::string place;     // what to show a person: a path on disk, or "shipped:mappings/…"
  std::string_view text; // lives as long as the Library
};

class Library {
 public:
  // site: the folder of the channel files, or what --site says; empty: none.
  // shipped: a folder that stands in for the pack inside the binary (--shipped); empty: the pack.
  explicit Library(std::filesystem::path site = {}, std::filesystem::path shipped = {});

  // The file of this relative name ("schemas/fhir/r4/types.tsv"); the site's hides the shipped one.
  std::optional<File> find(std::string_view name) const;

  // Names of all files under `folder` ("mappings/codes"), sorted, each once, whether from the site or shipped.
  std::vector<std::string> list(std::string_view folder) const;

  const std::filesystem::path& site() const { return site_; }

 private:
  std::string_view read(const std::filesystem::path& path) const;  // read once, kept

  std::filesystem::path site_;
  std::filesystem::path folder_;                                    // stands in for the pack
  std::map<std::string, std::string_view, std::less<>> pack_;       // views into the binary
  mutable std::map<std::filesystem::path, std::string> read_;
};

}  // namespace tombolo
