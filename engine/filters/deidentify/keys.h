// Keys: what tokens and date shifts are made with. One secret of the site gives, per project and purpose, a key of its own (HKDF):
// tokens of two projects cannot be joined, and who learns one key learns no other.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace tombolo::deidentify {

// What a token stands for. The same number as a patient's and as a visit's gives two tokens.
enum class Purpose : std::uint8_t { patient, encounter, practitioner, uid, shift, text, lineage };
constexpr std::size_t purposes = 7;

class Keys {
 public:
  // Fault{refused} for a secret that is no secret: fewer than 32 bytes (64 digits if it is hexadecimal), or the same few
  // characters over and over; and for a project without a name. The Fault never says what the secret is.
  static Result<Keys> derive(std::string_view secret, std::string_view project);

  // 26 of A-Z 2-7: the first 130 bits of HMAC-SHA256 over system, 0x1F and value (without the blanks around it), in base32.
  // A legal FHIR id and HL7 v2 ST; nobody without the secret can compute it or go back.
  std::string token(Purpose purpose, std::string_view system, std::string_view value) const;

  // The same for what must be an OID: "2.25." and 128 bits as a decimal number (at most 44 characters).
  std::string uid(std::string_view value) const;

  // Days, -range to range without 0, each as likely as any other; always the same for one person.
  int shift(std::string_view person, int range) const;

  // 16 hexadecimal digits that tell whether two acts met the same value; for the record of what was done.
  std::string fingerprint(std::string_view value) const;

 private:
  const std::string& key(Purpose purpose) const { return keys_[static_cast<std::size_t>(purpose)]; }

  std::array<std::string, purposes> keys_;
};

}  // namespace tombolo::deidentify
