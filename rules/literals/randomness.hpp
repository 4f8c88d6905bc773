// Whether text looks made by a generator of keys, or by people.
#pragma once

#include <string_view>

namespace errand::rules {

// Bits a character, by the text's own frequencies (Shannon): 0 for "aaaa".
double entropy(std::string_view text);

// Upper and lower case, a digit, and at least 3.5 bits a character. For text of 20
// characters or more; a random one of base 62 fails with a chance below one in a hundred.
bool looksRandom(std::string_view text);

// Words with hyphens or underscores between them, such as "this-is-not-a-token".
bool looksLikeWords(std::string_view text);

}  // namespace errand::rules
