// Recognises values that are no credential although they are written in the place of one.
#pragma once

#include <string>
#include <string_view>

namespace errand::rules {

// True if the value consists only of references and separators: $(VAR), ${VAR}, {{ .Values.x }},
// vault:path#key, op://… False for ${VAR:-text}, because its default value is a literal.
bool isReference(std::string_view value);

// True if the value names a secret or key in a store: an ARN, a resource path, the URL of a vault.
bool isResourceName(std::string_view value);

// True if the value has the form of an Ethereum address: 0x and 40 hexadecimal digits.
bool isAddress(std::string_view value);

// True if the value begins like the path of a file: /, ./, ~/ or C:\.
bool isPath(std::string_view value);

// True if the value asks the reader to replace it: <your-key>, REPLACE_ME.
bool isTemplate(std::string_view value);

// True if the value is abbreviated or masked: [key], {key}, sk-..., ***, xxxxxx. Such a value may also be a
// user's password. Brackets around a quotation mark count as JSON instead.
bool isSketch(std::string_view value);

// True if the value means that there is no key (none, EMPTY, not-needed), or begins like a made-up one
// (test-key, dummy-). Such a value may also be a user's password.
bool isNoKey(std::string_view value);

// True if the text has a word of made-up credentials, such as "example", or a run of six equal characters.
// Ignores case.
bool isPlaceholder(std::string_view text);

// True if the issuer intends such keys for browsers: pk_live_…, phc_…
bool isPublishable(std::string_view value);

// Returns the text with A to Z as a to z.
std::string lowerOf(std::string_view text);

}  // namespace errand::rules
