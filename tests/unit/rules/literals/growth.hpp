#pragma once

#include <ctime>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

namespace errand::rules {

// How many times the CPU time grows when the text, `unit` repeated, grows four times:
// about 4 where it is linear, 16 where it is quadratic. A ratio holds on any machine.
template <typename Read>
double growth(std::string_view unit, size_t bytes, Read read) {
  const auto cpu = [] {
    timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + 1e-9 * static_cast<double>(at.tv_nsec);
  };
  const auto least = [&](size_t size) {
    std::string text;
    while (text.size() < size) text += unit;
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < 3; ++round) {
      const double start = cpu();
      read(text);
      best = std::min(best, cpu() - start);
    }
    return best;
  };
  return least(4 * bytes) / least(bytes);
}

}  // namespace errand::rules
