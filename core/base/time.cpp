#include "core/base/time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace errand {
namespace {

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now()); }
  std::chrono::steady_clock::time_point monotonic() const override {
    timespec t{};
    clock_gettime(CLOCK_BOOTTIME, &t);
    return std::chrono::steady_clock::time_point{Seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec}};
  }
};

// Reads exactly `width` digits from the front of `s`.
bool digits(std::string_view& s, size_t width, int& out) {
  if (s.size() < width) return false;
  out = 0;
  for (size_t i = 0; i < width; ++i) {
    if (s[i] < '0' || s[i] > '9') return false;
    out = out * 10 + (s[i] - '0');
  }
  s.remove_prefix(width);
  return true;
}

bool literal(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

}  // namespace

const Clock& systemClock() {
  static const SystemClock clock;
  return clock;
}

std::string formatTime(Time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day ymd{day};
  const std::chrono::hh_mm_ss hms{std::chrono::floor<Seconds>(t - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(ymd.year()),
                     static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                     hms.hours().count(), hms.minutes().count(), hms.seconds().count());
}

std::string formatMicroTime(Time t) {
  std::string out = formatTime(t);
  out.pop_back();
  const auto fraction = t.time_since_epoch() - std::chrono::floor<Seconds>(t.time_since_epoch());
  return fmt::format("{}.{:03}000Z", out, fraction.count());
}

Result<Time> parseTime(std::string_view text) {
  const auto invalid = [&] {
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is not an RFC 3339 time such as 2026-11-24T11:34:52Z",
                                                text.substr(0, 64)));
  };
  std::string_view s = text;
  int year, month, day, hour, minute, second;
  if (!digits(s, 4, year) || !literal(s, '-') || !digits(s, 2, month) || !literal(s, '-') ||
      !digits(s, 2, day))
    return invalid();
  if (!literal(s, 'T') && !literal(s, 't')) return invalid();
  if (!digits(s, 2, hour) || !literal(s, ':') || !digits(s, 2, minute) || !literal(s, ':') ||
      !digits(s, 2, second))
    return invalid();
  Millis fraction{0};
  if (literal(s, '.') || literal(s, ',')) {
    int scale = 100, value = 0;
    size_t n = 0;
    for (; n < s.size() && s[n] >= '0' && s[n] <= '9'; ++n, scale /= 10) value += (s[n] - '0') * scale;
    if (n == 0) return invalid();
    s.remove_prefix(n);
    fraction = Millis{value};
  }
  std::chrono::minutes offset{0};
  if (!literal(s, 'Z') && !literal(s, 'z')) {
    const int sign = s.starts_with('-') ? -1 : 1;
    int oh, om;
    if (!literal(s, '+') && !literal(s, '-')) return invalid();
    if (!digits(s, 2, oh) || !literal(s, ':') || !digits(s, 2, om) || oh > 24 || om > 59) return invalid();
    offset = std::chrono::minutes{sign * (oh * 60 + om)};
  }
  const std::chrono::year_month_day ymd{std::chrono::year{year},
                                        std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  if (!s.empty() || !ymd.ok() || hour > 23 || minute > 59 || second > 60) return invalid();
  return std::chrono::sys_days{ymd} + std::chrono::hours{hour} + std::chrono::minutes{minute} - offset +
         Seconds{second} + fraction;
}

Result<Seconds> parseDuration(std::string_view text) {
  const auto invalid = [&] {
    return fail(ErrorKind::Invalid,
                fmt::format("\"{}\" is not a duration such as 15m or 1h30m", text.substr(0, 32)));
  };
  std::string_view s = text;
  Seconds total{0};
  int lastUnit = 3;
  if (s.empty()) return invalid();
  while (!s.empty()) {
    unsigned value = 0;
    const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value);
    const size_t used = static_cast<size_t>(end - s.data());
    if (ec != std::errc{} || used == s.size() || value > 10'000'000) return invalid();
    const char unit = s[used];
    const int order = unit == 'h' ? 2 : unit == 'm' ? 1 : unit == 's' ? 0 : 3;
    if (order >= lastUnit) return invalid();
    lastUnit = order;
    total += Seconds{value} * (order == 2 ? 3600 : order == 1 ? 60 : 1);
    s.remove_prefix(used + 1);
  }
  return total;
}

std::string formatDuration(Seconds d) {
  const auto total = d.count();
  std::string out;
  if (total >= 3600) out += fmt::format("{}h", total / 3600);
  if (total % 3600 >= 60) out += fmt::format("{}m", total % 3600 / 60);
  if (total % 60 != 0 || out.empty()) out += fmt::format("{}s", total % 60);
  return out;
}

}  // namespace errand
