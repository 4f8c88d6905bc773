// Points in time as the API has them, and the seam through which time enters.
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

// Wall-clock time, for windows and tokens, and monotonic time, for intervals
// that a clock jump must not stretch. The system's monotonic time goes on while
// the process is stopped or the machine suspended (CLOCK_BOOTTIME): a lease runs out there, too.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;
};

const Clock& systemClock();

// RFC 3339 in UTC with whole seconds, as metav1.Time writes it: 2026-11-24T11:34:52Z.
std::string formatTime(Time t);

// As metav1.MicroTime writes it, with six digits of fraction: 2026-11-24T11:34:52.250000Z.
std::string formatMicroTime(Time t);

// Reads RFC 3339, with or without a fraction and with any offset, and what else
// the API server takes for a date-time: a comma before the fraction, the hour 24
// in an offset, years from 0000.
Result<Time> parseTime(std::string_view text);

// Reads a duration of the form 1h30m, 15m, 90s (Go's, whole h, m and s only).
Result<Seconds> parseDuration(std::string_view text);

// Writes the shortest form: 1h30m, 15m, 45s; 0s for zero.
std::string formatDuration(Seconds d);

}  // namespace errand
