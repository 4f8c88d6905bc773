#include "core/serve/io/seats.hpp"

#include <algorithm>
#include <string>
#include <tuple>

namespace errand::serve {
namespace {

using All = std::unordered_map<std::uint64_t, std::shared_ptr<Seat>>;

// Sums a value over seats, by address and by network.
class Sums {
 public:
  template <class F>
  Sums(const All& seats, F valueOf) {
    for (const auto& [number, seat] : seats) {
      const std::size_t value = seat->leaving ? 0 : valueOf(*seat);
      if (value == 0) continue;
      Network& network = networks_[seat->source.network];
      network.sum += value;
      network.addresses[seat->source.address] += value;
      all_ += value;
    }
  }
  std::size_t network(const Source& source) const { return of(source).sum; }
  std::size_t address(const Source& source) const {
    const auto& in = of(source).addresses;
    const auto found = in.find(source.address);
    return found == in.end() ? 0 : found->second;
  }
  std::size_t all() const { return all_; }
  // Counts only networks and addresses with a sum above zero.
  std::size_t networks() const { return networks_.size(); }
  std::size_t addressesBeside(const Source& source) const { return of(source).addresses.size(); }

 private:
  struct Network {
    std::size_t sum = 0;
    std::unordered_map<std::string, std::size_t> addresses = {};
  };
  const Network& of(const Source& source) const {
    static const Network kNone;
    const auto found = networks_.find(source.network);
    return found == networks_.end() ? kNone : found->second;
  }

  std::unordered_map<std::string, Network> networks_;
  std::size_t all_ = 0;
};

}  // namespace

std::size_t Seats::size() {
  const auto seats = seats_.access();
  return static_cast<std::size_t>(
      std::ranges::count_if(*seats, [](const auto& entry) { return !entry.second->leaving; }));
}

std::size_t Seats::of(const Source& source) {
  const auto seats = seats_.access();
  return static_cast<std::size_t>(std::ranges::count_if(*seats, [&](const auto& entry) {
    return !entry.second->leaving && entry.second->source.address == source.address;
  }));
}

std::shared_ptr<Seat> Seats::evict(const Source* within) {
  const auto seats = seats_.access();
  const Sums sums(*seats, [](const Seat&) { return std::size_t{1}; });
  const auto rank = [&](const Seat& seat) {
    return std::tuple(!seat.asking, sums.network(seat.source), sums.address(seat.source));
  };
  std::shared_ptr<Seat> out;
  for (const auto& [number, seat] : *seats) {
    if (seat->leaving || (within != nullptr && seat->source.address != within->address)) continue;
    // Among equals, the longest idle connection leaves. So two sources with equal counts do not lose
    // connections in turn.
    if (!out || rank(*seat) > rank(*out) ||
        (rank(*seat) == rank(*out) && seat->idleSince.load() < out->idleSince.load()))
      out = seat;
  }
  if (out) out->leaving = true;
  return out;
}

Seats::Room Seats::roomFor(const Seat& seat, std::size_t most) {
  const auto seats = seats_.access();
  const Sums sums(*seats, [](const Seat& other) { return other.body.load(); });
  if (sums.all() <= most) return {.fits = true};
  const auto rank = [&](const Seat& other) {
    return std::tuple(sums.network(other.source), sums.address(other.source), other.body.load());
  };
  std::shared_ptr<Seat> out;
  for (const auto& [number, other] : *seats)
    if (!other->leaving && other->body > 0 && (!out || rank(*other) > rank(*out))) out = other;
  if (!out || out->source.address == seat.source.address) return {};
  out->leaving = true;
  return {.fits = true, .leaves = out};
}

bool Seats::asksTooMuch(const Source& source, std::size_t most) {
  const auto seats = seats_.access();
  const Sums sums(*seats, [](const Seat& seat) { return seat.asking ? std::size_t{1} : std::size_t{0}; });
  const auto shareOf = [](std::size_t all, std::size_t among) {
    return std::max<std::size_t>(1, all / std::max<std::size_t>(1, among));
  };
  const std::size_t share = shareOf(most, sums.networks());
  return sums.network(source) > share && sums.address(source) > shareOf(share, sums.addressesBeside(source));
}

}  // namespace errand::serve
