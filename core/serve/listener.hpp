// Listening addresses from flags, and the socket that accepts on one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/descriptor.hpp"
#include "core/base/result.hpp"

namespace errand::serve {

struct Address {
  std::string host;  // an IP address, without brackets
  std::uint16_t port = 0;
  bool v6 = false;
  bool operator==(const Address&) const = default;
};

// Reads 0.0.0.0:9443 or [::1]:9443. Port 0 lets the kernel choose. Names are
// Invalid: what a server listens on must not depend on a resolver.
Result<Address> parseAddress(std::string_view text);

// Writes the form that parseAddress reads.
std::string formatAddress(const Address& address);

// The address of a client, as bytes. A client with one IPv6 address often controls its whole /64, but other
// clients, such as the control plane, may be in that /64. So a /64 competes as one with other networks, and
// its addresses compete among themselves.
struct Source {
  std::string address;  // 4 or 16 bytes
  std::string network;  // an IPv4 address itself, or the first 64 bits of an IPv6 address
  bool operator==(const Source&) const = default;
};

struct Accepted {
  Descriptor descriptor;
  Source source;
};

// Returns the source of an IPv6 address, given as bytes. A mapped IPv4 address counts as IPv4.
Source sourceOfV6(std::string_view address);

class Listener {
 public:
  // Unavailable if the address is in use or does not belong to this machine.
  static Result<Listener> open(const Address& address);

  // The address with the port that the kernel chose.
  const Address& address() const { return address_; }

  // Returns the next connection (not blocking, TCP_NODELAY), or an empty descriptor
  // if none arrives within `wait` (negative: no limit) or wake() is called. TooManyRequests if
  // descriptors or memory ran out: the caller waits before the next call.
  Result<Accepted> accept(std::chrono::milliseconds wait);

  // Waits, taking no connection; ends early by wake().
  void pause(std::chrono::milliseconds wait);

  // Makes accept() and pause() return at once from now on. Safe from any thread.
  void wake();

  // Refuses connections from here on. Not while another thread is in accept().
  void close() { socket_ = Descriptor(); }

 private:
  Listener(Descriptor socket, Descriptor event, Address address)
      : socket_(std::move(socket)), event_(std::move(event)), address_(std::move(address)) {}

  Descriptor socket_, event_;
  Address address_;
};

}  // namespace errand::serve
