// The forms of HL7 v2's primitive data types (chapter 2A): NM, SI, DT, TM, DTM and TS. Blanks around a value are padding.
#pragma once

#include <cstddef>
#include <string_view>

namespace tombolo {

bool is_number(std::string_view text);     // NM: sign, digits, a decimal point: "-12.50"
bool is_sequence(std::string_view text);   // SI: digits
bool is_date(std::string_view text);       // DT: YYYY[MM[DD]], of the calendar
bool is_time(std::string_view text);       // TM: HH[MM[SS[.S[S[S[S]]]]]][+/-ZZZZ]
bool is_moment(std::string_view text);     // DTM, TS: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]

// What a value of this type must be, if this one is not; empty if it is, or if the type has no form.
std::string_view unlike(std::string_view type, std::string_view value);

// The longest value of a primitive type in versions 2.5 to 2.6, in characters; 0: the type has no limit of its own.
std::size_t longest(std::string_view type);

}  // namespace tombolo
