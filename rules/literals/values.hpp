// Values that are no credential although a credential may stand in their place.
#pragma once

#include <string_view>

namespace errand::rules {

// True if the value is made of references alone: $(VAR), ${VAR}, {{ .Values.x }}, vault:path#key, op://…
// A default value, as in ${VAR:-text}, is not part of a reference.
bool isReference(std::string_view value);

// True if the value names a secret or key in a store: an ARN, a resource path, the URL of a vault.
bool isResourceName(std::string_view value);

// True if the value is the address of a contract or account of Ethereum.
bool isAddress(std::string_view value);

// True if the value is a file's path.
bool isPath(std::string_view value);

// True if the value is to be replaced by its reader: <your-key>, REPLACE_ME, sk-...
bool isTemplate(std::string_view value);

// True if the value stands for having no key: none, EMPTY, not-needed. It may be somebody's password.
bool isNoKey(std::string_view value);

// True if the text holds a word or a run of characters that only made-up credentials have.
bool isPlaceholder(std::string_view text);

// True if the issuer makes such keys for browsers: pk_live_…, phc_…
bool isPublishable(std::string_view value);

}  // namespace errand::rules
