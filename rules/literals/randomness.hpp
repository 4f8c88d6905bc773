// Whether text looks made by a generator of keys, or by people.
#pragma once

#include <string_view>

namespace errand::rules {

// Bits a character, by the text's own frequencies (Shannon): 0 for "aaaa".
double entropy(std::string_view text);

// Upper and lower case, a digit, and at least 3.5 bits a character. For text of 20
// characters or more; a random one of base 62 fails with a chance below one in a hundred.
bool looksRandom(std::string_view text);

// As looksRandom(), for letters of one case and digits, such as hexadecimal digits: 20 characters or more.
bool looksRandomInOneCase(std::string_view text);

// Groups of hexadecimal digits with hyphens between them, 32 digits in all or more, as UUIDs are.
bool isHexInGroups(std::string_view text);

// Three fifths of the letters and digits or more are words of people: lower-case letters, four or more in a
// row, of which the first may be a capital. A random text of 22 characters or more is taken for one with a
// chance below one in a hundred.
bool isMadeOfWords(std::string_view text);

// As Format::accept: behind the first - or _ there are letters of both cases, and not in words.
bool acceptRandom(std::string_view credential, std::string_view before);
// As Format::accept: has a digit.
bool acceptDigits(std::string_view credential, std::string_view before);

// Words with hyphens or underscores between them, such as "this-is-not-a-token".
bool looksLikeWords(std::string_view text);

}  // namespace errand::rules
