// Invented messages as a hospital sends them: admissions and results, each kind with other people, numbers and values.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tombolo::bench {

// @n: a number of the message, @f @g: a name, @d: two digits of a day.
inline constexpr std::string_view admission =
    "MSH|^~\\&|WARDSYS|NORTHBAY^2.16.840.1.113883.19.6^ISO|HUB|REGION|202403@d081500.250+0200||ADT^A01^ADT_A01|MSG@n|P|2.5.1|||AL|NE|NLD|UNICODE UTF-8\r"
    "EVN|A01|202403@d081500+0200|||91^Clerk^Clara^^^^^^NORTHBAY|202403@d081000+0200|NORTHBAY\r"
    "PID|1||@n^^^NORTHBAY&2.16.840.1.113883.19.6&ISO^MR~99@n^^^TAXOFFICE^SS||@f&van^@g^Maria^^Dr^^L^A~Old@f^@g^^^^^M||19720@d14|F||2106-3^White^HL70005|"
    "Long Lane @n^Flat 3^Springvale^NB^1234 AB^NLD^H~PO Box @n^^Springvale^NB^1234 AC^NLD^M||^PRN^PH^^31^20^555@n~^NET^Internet^@g@n@example.org|^WPN^PH^^31^20^556@n|"
    "NL^Dutch^HL70296|M^Married^HL70002|CAT|V@n^^^NORTHBAY^VN|||||Oldtown||1|NLD^Dutch^HL70171||||N\r"
    "PD1|||SPRINGVALE PRACTICE^^88@n^^^NORTHBAY^XX|77@n^Family^Fiona^^^Dr^^^NORTHBAY\r"
    "NK1|1|@f^Peter^^^^^L|SPO^Spouse^HL70063|Long Lane @n^^Springvale^NB^1234 AB^NLD|^PRN^PH^^31^20^557@n||EC^Emergency^HL70131\r"
    "NK1|2|@f^Anna^^^^^L|CHD^Child^HL70063|Short Street 2^^Oldtown^NB^1240 AA^NLD|^PRN^CP^^31^6^558@n\r"
    "PV1|1|I|4EAST^412^A^NORTHBAY^^^MAIN|R|||41@n^Attend^Anton^B^^Dr^^^NORTHBAY^L|42@n^Refer^Rita^^^Dr^^^NORTHBAY^L|43@n^Consult^Carl^^^Dr^^^NORTHBAY^L|CAR||||7|A0||"
    "44@n^Admit^Ada^^^Dr^^^NORTHBAY^L|INP|V@n^^^NORTHBAY^VN|||||||||||||||||||||||||202403@d080000+0200\r"
    "PV2||2^Private|R07.4^Chest pain^I10|||||202403@d|202404@d|9||Observed for a night\r"
    "OBX|1|NM|8302-2^Body height^LN||17@d|cm^^UCUM|||||F|||202403@d080500+0200\r"
    "OBX|2|NM|29463-7^Body weight^LN||7@d.5|kg^^UCUM|||||F|||202403@d080500+0200\r"
    "AL1|1|DA^Drug allergy^HL70127|7980^Penicillin^RxNorm|SV^Severe^HL70128|Hives~Swelling|2001\r"
    "AL1|2|FA^Food allergy^HL70127|227493005^Cashew nuts^SCT|MO^Moderate^HL70128|Itching\r"
    "DG1|1||R07.4^Chest pain, unspecified^I10|Chest pain|202403@d|A^Admitting^HL70052||||||||||1|44@n^Admit^Ada^^^Dr^^^NORTHBAY\r"
    "DG1|2||I10^Essential hypertension^I10|High pressure|2015|W^Working^HL70052||||||||||2\r"
    "IN1|1|BASIC^Basic plan^99PLAN|65@n^^^INSURERS|Good Health^^31@n|Money Road 1^^Capital^NB^1000 AA^NLD|||G@n|||202401@d|202412@d||P|@f^@g|SEL|19720@d14\r";

inline constexpr std::string_view result =
    "MSH|^~\\&|LIS^2.16.840.1.113883.19.5^ISO|LABTWO|HUB|REGION|202404@d090000+0200||ORU^R01^ORU_R01|LAB@n|P|2.5.1|||AL|NE\r"
    "PID|1||@n^^^LABTWO^MR~99@n^^^TAXOFFICE^SS||@f^@g^^^^^L||19620@d15|M|||Canal Street @n^^Springvale^NB^1234 AB^NLD^H||^PRN^PH^^31^20^555@n\r"
    "PV1|1|O|OPD^2^^LABTWO||||55@n^Ward^Wanda^^^Dr^^^LABTWO|||||||||||VIS@n^^^LABTWO^VN|||||||||||||||||||||||||202404@d070000+0200\r"
    "ORC|RE|PL@n^WARD|FI@n^LIS^2.16.840.1.113883.19.5^ISO|GRP@n|CM||||202404@d060000+0200|||70@n^Order^Olga^^^Dr^^^LABTWO\r"
    "OBR|1|PL@n^WARD|FI@n^LIS^2.16.840.1.113883.19.5^ISO|24323-8^Comprehensive metabolic panel^LN|||202404@d070000+0200|202404@d071500+0200||||||||70@n^Order^Olga^^^Dr^^^LABTWO|"
    "|||||202404@d085500+0200||CH|F|||||||22@n&Chief&Chris&&&Dr\r"
    "NTE|1||Fasting sample, taken at the ward\r"
    "OBX|1|NM|2345-7^Glucose^LN||5.@d|mmol/L^millimole per liter^UCUM|3.9-5.5|H^High^HL70078|||F|||202404@d080000+0200||91@n^Tech^Tess|||202404@d081000+0200\r"
    "OBX|2|NM|2951-2^Sodium^LN||14@d|mmol/L^millimole per liter^UCUM|136-145|N^Normal^HL70078|||F|||202404@d080000+0200||91@n^Tech^Tess\r"
    "OBX|3|NM|2823-3^Potassium^LN||4.@d|mmol/L^millimole per liter^UCUM|3.5-5.1|N^Normal^HL70078|||F|||202404@d080000+0200||91@n^Tech^Tess\r"
    "OBX|4|NM|2075-0^Chloride^LN||10@d|mmol/L^millimole per liter^UCUM|98-107|N^Normal^HL70078|||F|||202404@d080000+0200||91@n^Tech^Tess\r"
    "OBX|5|NM|2160-0^Creatinine^LN||8@d|umol/L^micromole per liter^UCUM|60-110|N^Normal^HL70078|||F|||202404@d080000+0200||91@n^Tech^Tess\r"
    "OBX|6|SN|2157-6^Creatine kinase^LN||>^10@d|U/L^unit per liter^UCUM|39-308|HH^Very high^HL70078|||F|||202404@d080000+0200\r"
    "NTE|1||Repeated on a second analyser\r"
    "OBX|7|CE|5778-6^Color^LN||371244009^Yellow color^SCT||||||F|||202404@d080000+0200\r"
    "OBX|8|ST|5803-2^Remark^LN||Slightly turbid||||||F|||202404@d080000+0200\r"
    "OBX|9|NM|1742-6^Alanine aminotransferase^LN||3@d|U/L^unit per liter^UCUM|10-49|N^Normal^HL70078|||F|||202404@d080000+0200\r"
    "OBX|10|NM|1920-8^Aspartate aminotransferase^LN||2@d|U/L^unit per liter^UCUM|10-40|N^Normal^HL70078|||F|||202404@d080000+0200\r"
    "SPM|1|SP@n&WARD^SF@n&LIS||119297000^Blood^SCT||HEPL^Lithium heparin^HL70371|PNA^Arterial puncture^HL70488|368208006^Left upper arm^SCT|||P|4^mL|||||"
    "202404@d070000+0200|202404@d073000+0200\r";

inline std::string filled(std::string_view text, std::size_t n) {
  constexpr std::array<std::string_view, 5> families = {"Jansen", "Ohm", "Tester", "Lindqvist", "Okafor"};
  constexpr std::array<std::string_view, 5> given = {"Tilda", "Bo", "Ingrid", "Chidi", "Marta"};
  std::string message;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '@' || i + 1 == text.size()) {
      message += text[i];
      continue;
    }
    switch (text[i + 1]) {
      case 'n': message += std::to_string(4711 + 37 * n); break;
      case 'd': message += std::to_string(10 + n); break;
      case 'f': message += families[n % families.size()]; break;
      case 'g': message += given[(n + 2) % given.size()]; break;
      default: message += text.substr(i, 2);
    }
    ++i;
  }
  return message;
}

inline std::vector<std::string> ten(std::string_view text) {
  std::vector<std::string> messages;
  for (std::size_t n = 0; n < 10; ++n) messages.push_back(filled(text, n));
  return messages;
}

inline std::vector<std::string> admissions() { return ten(admission); }
inline std::vector<std::string> results() { return ten(result); }

}  // namespace tombolo::bench
