// Reads listening addresses from flags, and accepts connections on one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/descriptor.hpp"
#include "core/base/result.hpp"

namespace errand::serve {

// An address to listen on.
struct Address {
  std::string host;  // an IP address, without brackets
  std::uint16_t port = 0;
  bool v6 = false;
  bool operator==(const Address&) const = default;
};

// Reads an address such as 0.0.0.0:9443 or [::1]:9443. With port 0 the kernel chooses a port. Fails with
// Invalid for any other text. A host name is invalid, because the address must not depend on a resolver.
Result<Address> parseAddress(std::string_view text);

// Returns the form that parseAddress() reads.
std::string formatAddress(const Address& address);

// The address of a client, as bytes. A client with one IPv6 address often controls its whole /64, but other
// clients, such as the control plane, may be in that /64. So a /64 competes as one with other networks, and
// its addresses compete among themselves.
struct Source {
  std::string address;  // 4 or 16 bytes
  std::string network;  // an IPv4 address itself, or the first 64 bits of an IPv6 address
  bool operator==(const Source&) const = default;
};

// A connection, and the client's address.
struct Accepted {
  Descriptor descriptor;
  Source source;
};

// Returns the source of an IPv6 address of 16 bytes. A mapped IPv4 address counts as IPv4.
Source sourceOfV6(std::string_view address);

// A listening socket.
class Listener {
 public:
  // Fails with Invalid if the host is no IP address, and with Unavailable if the system cannot listen there:
  // the address is in use or does not belong to this machine, or no descriptor is free.
  static Result<Listener> open(const Address& address);

  // The address with the port that the kernel chose.
  const Address& address() const { return address_; }

  // Returns the next connection, in non-blocking mode and with TCP_NODELAY. Returns an empty descriptor if
  // none arrives within `wait` (negative: no limit), if it failed at once, or if wake() is called. Fails with
  // TooManyRequests if descriptors or memory are exhausted: call pause() before the next accept().
  Result<Accepted> accept(std::chrono::milliseconds wait);

  // Waits without accepting a connection; wake() ends the wait.
  void pause(std::chrono::milliseconds wait);

  // Makes accept() and pause() return at once, now and in later calls. Safe from any thread.
  void wake();

  // Stops listening, so that the kernel refuses connections. Do not call it while another thread
  // is in accept().
  void close() { socket_ = Descriptor(); }

 private:
  Listener(Descriptor socket, Descriptor event, Address address)
      : socket_(std::move(socket)), event_(std::move(event)), address_(std::move(address)) {}

  Descriptor socket_, event_;
  Address address_;
};

}  // namespace errand::serve
