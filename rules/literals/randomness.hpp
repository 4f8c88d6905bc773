// Estimates whether a program generated a text, or a person wrote it.
#pragma once

#include <string_view>

namespace errand::rules {

// Returns the entropy of the text in bits per character (Shannon), from the frequencies of its own
// characters: 0 for "aaaa" and for an empty text.
double entropy(std::string_view text);

// True if the text has upper and lower case, a digit, and at least 3.5 bits per character. Gives false for
// about 3 % of random base-62 texts of 20 characters, mostly because they have no digit; for 2 % of those of
// 22, and more often for shorter ones.
bool looksRandom(std::string_view text);

// True for 20 or more digits and letters of one case, with at least three digits, if digits and letters
// alternate often. Does not use entropy.
bool looksRandomInOneCase(std::string_view text);

// True for 32 or more hexadecimal digits, at least one of them 0–9, with or without hyphens, like a UUID.
bool isHexInGroups(std::string_view text);

// True if at least three fifths of the letters and digits belong to words. A word has four or more letters in
// a row, all in lower case; the first may be a capital. Also true for a text without letters and digits. A
// random base-62 text of 22 characters or more gives true with a probability below 1 %.
bool isMadeOfWords(std::string_view text);

// For Format::accept: true if the part behind the first - or _ has letters of both cases and is not made of
// words. Without a separator, that part is the whole text. Ignores `before`.
bool acceptRandom(std::string_view credential, std::string_view before);
// For Format::accept: true if the credential has a digit. Ignores `before`.
bool acceptDigits(std::string_view credential, std::string_view before);

// True if the text has no capital, or has three or more separators (- or _) and no digit. Use it only for
// formats whose random part has capitals.
bool looksLikeWords(std::string_view text);

}  // namespace errand::rules
