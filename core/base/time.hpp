// Times and durations in the API's forms, and the clock that tests replace.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Seconds = std::chrono::seconds;
using Millis = std::chrono::milliseconds;

// Wall-clock time for windows and tokens, and monotonic time for intervals that a clock jump must not change.
// The system's monotonic time is CLOCK_BOOTTIME: it continues while the machine is suspended, so that a lease
// also expires then. Never compare it with steady_clock::now(), which is another clock.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;
};

// Returns the clock of the system.
const Clock& systemClock();

// Returns RFC 3339 in UTC with whole seconds, like metav1.Time: 2026-11-24T11:34:52Z.
std::string formatTime(Time t);

// Returns six digits of fraction, like metav1.MicroTime: 2026-11-24T11:34:52.250000Z.
std::string formatMicroTime(Time t);

// Reads RFC 3339 with any offset. Cuts a fraction to milliseconds. Also reads the other forms that the API
// server accepts as a date-time: a comma before the fraction, the hour 24 in an offset, years from 0000.
// Fails with Invalid for any other text.
Result<Time> parseTime(std::string_view text);

// Reads a duration such as 1h30m, 15m or 90s: Go's form, but only whole h, m and s, each at most once and in
// this order. Fails with Invalid for any other text, and for a number over ten million.
Result<Seconds> parseDuration(std::string_view text);

// Returns the shortest form: 1h30m, 15m, 45s; 0s for zero. `d` must not be negative.
std::string formatDuration(Seconds d);

}  // namespace errand
