// Stores an object in few bytes, for caches of many thousands.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/api/meta.hpp"

namespace errand::api {

// Immutable bytes that copies share. Safe to copy and read from several threads. Only pack() creates them, so
// readers trust their content.
class Packed {
 public:
  Packed() = default;
  explicit Packed(std::string_view bytes);
  Packed(const Packed& other) noexcept;
  Packed(Packed&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Packed& operator=(Packed other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Packed();

  explicit operator bool() const { return block_ != nullptr; }
  std::string_view bytes() const;

  // Return the object's namespace and name without unpacking it. The views are valid as long as these bytes.
  std::string_view ns() const;
  std::string_view name() const;

  // True if both share the same bytes. Does not compare their content.
  friend bool operator==(const Packed& a, const Packed& b) { return a.block_ == b.block_; }

 private:
  struct Block;
  Block* block_ = nullptr;
};

// Loses no field: unpack(pack(x)) == x, for the kinds that packed.cpp lists. Repeated texts, common texts,
// uids, digests and times take the fewest bytes.
template <class T>
Packed pack(const T& object);
template <class T>
T unpack(const Packed& packed);

}  // namespace errand::api
