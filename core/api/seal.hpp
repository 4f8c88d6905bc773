// The seal: who asked for an object and for what, signed at admission, so that
// nothing that admission never saw is taken for a request. Pure; both processes
// link it: the webhook seals and checks, the operator checks again.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "core/api/meta.hpp"
#include "core/api/requester.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/ed25519.hpp"

namespace errand::api {

inline constexpr std::string_view kRequesterAnnotation = "errand.dev/requester";
inline constexpr std::string_view kSealAnnotation = "errand.dev/seal";
// Of a grant's ServiceAccount: the seal that it was made for.
inline constexpr std::string_view kSealNonceLabel = "errand.dev/seal-nonce";

// Between a seal and the creationTimestamp of what it seals.
inline constexpr Seconds kSealWindow{60};
// Of the requester annotation: who is in more groups than fit cannot be recorded.
inline constexpr std::size_t kLongestRequester = 64 * 1024;

// What of a spec was asked for, as text: one form for equal meaning. Fields equal
// to a default are left out, so that a default that comes later changes nothing;
// so is `revoke`, which is added after the creation.
std::string canonical(const TaskGrantSpec& spec);

struct Sealed {
  Requester requester;
  std::string nonce;
  Time at;  // whole seconds
};

struct SealProblem {
  std::string reason;   // Unsealed, SealBroken or SealKeyUnknown
  std::string message;  // says the way out
};

// The two annotations, for a grant as it is at CREATE: without a name where
// `generateName` is to make one. `nonce` must never be used again.
Result<StringMap> seal(const TaskGrant& grant, const Requester& requester, const SigningKey& key,
                       std::string_view nonce, Time now);

// Whether the grant, as it is stored, is what was sealed. The namespace, the name
// or generateName, the spec, the requester, the nonce, the time and the key's id
// are covered. The time is not compared with anything here.
std::expected<Sealed, SealProblem> checkSeal(const TaskGrant& grant, const VerifyingKeys& keys);

// The key that the seal says it is by, unchecked; empty where there is none.
std::string sealKeyId(const ObjectMeta& meta);

}  // namespace errand::api
