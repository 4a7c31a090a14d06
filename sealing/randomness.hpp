#pragma once

#include <cstdint>
#include <span>

namespace boxoffice::sealing {

/// Random bytes of the system's generator. They are fetched ahead, some at a time for each thread:
/// a system call costs more than sealing an address does. Bytes handed out are wiped from the
/// store. Not for use after a fork.
void fill_random(std::span<std::uint8_t> out);

}  // namespace boxoffice::sealing
