// Estimates whether a program generated a text, or a person wrote it.
#pragma once

#include <string_view>

namespace errand::rules {

// Returns the bits per character by the text's own frequencies (Shannon): 0 for "aaaa".
double entropy(std::string_view text);

// True if the text has upper and lower case, a digit, and at least 3.5 bits per character. Pass 20 characters
// or more: a random text of base 62 then fails with a probability below 1 %.
bool looksRandom(std::string_view text);

// Like looksRandom(), for digits and letters of one case, such as hexadecimal digits: 20 characters or more.
bool looksRandomInOneCase(std::string_view text);

// True for groups of hexadecimal digits with hyphens between them, 32 digits or more in all, like a UUID.
bool isHexInGroups(std::string_view text);

// True if at least three fifths of the letters and digits are words. A word has four or more lower-case
// letters in a row, of which the first may be a capital. A random text of 22 characters or more passes with a
// probability below 1 %.
bool isMadeOfWords(std::string_view text);

// For Format::accept: true if letters of both cases follow the first - or _, and are not words.
bool acceptRandom(std::string_view credential, std::string_view before);
// For Format::accept: true if the credential has a digit.
bool acceptDigits(std::string_view credential, std::string_view before);

// True for words with hyphens or underscores between them, such as "this-is-not-a-token".
bool looksLikeWords(std::string_view text);

}  // namespace errand::rules
