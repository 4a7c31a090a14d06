#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sealing/sealing.hpp"

namespace boxoffice::sealing {

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) under a random nonce, as base64url of nonce and
/// ciphertext. `bound` is not in the text, but must be the same when it is opened.
std::string encrypted(const Secret& key, std::string_view clear, std::string_view bound);
/// nullopt: another key, other `bound`, or altered.
std::optional<std::string> decrypted(const Secret& key, std::string_view text,
                                     std::string_view bound);

}  // namespace boxoffice::sealing
