// Waiting and backoff. Unit tests replace them, so that they need not sleep.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "core/base/crypto.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace errand::kube {

// Waits for that time, or until a stop is requested. Returns false if a stop was requested.
using Pause = std::function<bool(Millis, const std::stop_token&)>;

// Returns a Pause by the system's clock.
Pause systemPause();

// Calls `step` until a stop is requested. Between calls it waits for the time that `step` returns, or for
// `retry` after a failure. Logs the first of consecutive failures as `failed`, unless it is Cancelled.
void repeat(const std::function<Result<Millis>()>& step, Millis retry, std::string_view failed,
            const std::stop_token& stop, const Pause& pause);

// Exponential backoff with jitter. Attempt n (from 0) waits between one half and the whole of min(base * 2^n,
// cap). The jitter keeps many clients from retrying at the same moment.
struct Backoff {
  Millis base{200};
  Millis cap{30'000};

  Millis delay(unsigned attempt, Random& random) const;
};

}  // namespace errand::kube
