// Header: MSH, BHS or FHS, split into its fields without an index; and the light questions about single fields that
// peek, the answers and the character set ask. Everything views the bytes it was asked about.
#pragma once

#include <array>
#include <string_view>

#include "engine/formats/hl7v2/message.h"

namespace tombolo::hl7v2 {

// Field n of a segment's text (0 is the name), empty if it is shorter. For MSH, BHS and FHS see Header.
std::string_view field(std::string_view segment, char separator, int n);

// A part of a field's raw text; numbers from 1. What has no components is its own first one.
std::string_view part(std::string_view field, const Delimiters& d, int repetition, int component, int subcomponent = 1);
// The same without the last step: a component with its sub-components.
std::string_view component(std::string_view field, const Delimiters& d, int repetition, int component);

// The end of the segment at the beginning of `text`; line: what ends segments here ('\r', or '\n' where there is no CR).
std::size_t segment_end(std::string_view text, char line);

class Header {
 public:
  // bytes: beginning with the segment, as after preamble().
  static Result<Header> read(std::string_view bytes);

  const Delimiters& delimiters() const { return delimiters_; }
  std::string_view segment() const { return segment_; }          // its text, without the line end
  char line() const { return line_; }                            // what ends segments in this message
  std::string_view field(int n) const { return n < count_ ? fields_[static_cast<std::size_t>(n)] : std::string_view{}; }
  std::string_view component(int n, int c) const { return hl7v2::component(field(n), delimiters_, 1, c); }

 private:
  Delimiters delimiters_;
  std::string_view segment_;
  char line_ = '\r';
  int count_ = 0;
  std::array<std::string_view, 26> fields_;                      // MSH-25 is the last of 2.8.2
};

}  // namespace tombolo::hl7v2
