// Recognises values that are no credential although they are written in the place of one.
#pragma once

#include <string>
#include <string_view>

namespace errand::rules {

// True if the value consists only of references: $(VAR), ${VAR}, {{ .Values.x }}, vault:path#key, op://… A
// default value, as in ${VAR:-text}, is not part of a reference.
bool isReference(std::string_view value);

// True if the value names a secret or key in a store: an ARN, a resource path, the URL of a vault.
bool isResourceName(std::string_view value);

// True if the value is the address of a contract or account of Ethereum.
bool isAddress(std::string_view value);

// True if the value is a file's path.
bool isPath(std::string_view value);

// True if the reader is to replace the value: <your-key>, REPLACE_ME.
bool isTemplate(std::string_view value);

// True if the value abbreviates or leaves open what stands there: [key], {key}, sk-..., ***, xxxxxx. Such a
// value may also be a user's password. JSON is no sketch.
bool isSketch(std::string_view value);

// True if the value means that there is no key: none, EMPTY, not-needed. Such a value may also be
// a user's password.
bool isNoKey(std::string_view value);

// True if the text has a word, or a run of characters, that occurs only in made-up credentials.
bool isPlaceholder(std::string_view text);

// True if the issuer intends such keys for browsers: pk_live_…, phc_…
bool isPublishable(std::string_view value);

// The text with A to Z as a to z.
std::string lowerOf(std::string_view text);

}  // namespace errand::rules
