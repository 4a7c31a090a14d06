#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "events-schema/envelope.hpp"

/// What must not stand in clear on any disk, and what only the deployment can make: keyed ids of
/// people and addresses, sealed text, tokens. HMAC-SHA-256 (RFC 2104), HKDF-SHA-256 (RFC 5869),
/// XChaCha20-Poly1305 (libsodium). All functions are thread-safe.
namespace boxoffice::sealing {

/// 32 secret bytes, wiped when destroyed.
struct Secret {
  std::array<std::uint8_t, 32> bytes{};
  Secret() = default;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();
};

struct Roots {
  Secret master;  ///< wraps data keys and occasions' root keys; tokens and keys derive from it
  Secret pepper;  ///< keys the ids of people and IPs
};

/// From 64 hex digits each (the settings master-key and pepper), or else from DIR/master.key and
/// DIR/pepper.key, made at first start with mode 0600. In a directory that was used with roots
/// before (see check_roots), a missing file is an error: another key would open nothing. The error
/// names the setting or file, and never shows a key.
std::expected<Roots, std::string> load_roots(const std::filesystem::path& directory,
                                             std::optional<std::string_view> master_hex,
                                             std::optional<std::string_view> pepper_hex);

/// What tells that, and which roots: fingerprints, which say nothing about them.
inline constexpr std::string_view kRootsCheck = "roots.check";

/// Tells these roots from others, and says nothing about them.
std::string fingerprints(const Roots& roots);
/// Whether `kept` are the fingerprints of `roots`. The error names the setting that is another, and
/// `of_what` they were kept.
std::expected<void, std::string> check_fingerprints(std::string_view kept, std::string_view of_what,
                                                    const Roots& roots);

/// What DIR/roots.check says; nullopt: the directory was not used with roots yet.
std::expected<std::optional<std::string>, std::string> kept_fingerprints(
    const std::filesystem::path& directory);
/// Lets `directory` be used with the roots of these fingerprints alone. The error says that it has
/// others.
std::expected<void, std::string> keep_fingerprints(const std::filesystem::path& directory,
                                                   std::string_view fingerprints);

/// Whether `directory` is used with the roots it was made with; the first call keeps their
/// fingerprints in DIR/roots.check. The error names the setting that is another.
std::expected<void, std::string> check_roots(const std::filesystem::path& directory,
                                             const Roots& roots);

/// An e-mail address as rules see it: trimmed, the domain in lower case and in its ASCII form (IDNA
/// 2008), the local part in lower case and NFC. nullopt: not an address (one @, at most 254 bytes,
/// a domain with a dot or none but never empty labels, no control characters or white space
/// within).
std::optional<std::string> normalized_address(std::string_view text);

/// An IP as rules see it: IPv4 as it is (also when mapped into IPv6), IPv6 by its /64. nullopt: not
/// an IP.
std::optional<std::string> normalized_ip(std::string_view text);

/// A fresh data key sealed something; `wrapped` belongs into `keys` under `name`.
struct SealedText {
  std::string text;     ///< s1.<key id>.<base64url>
  std::string name;     ///< person/<person id>/<key id>
  std::string wrapped;  ///< base64url
};

class Vault {
 public:
  explicit Vault(const Roots& roots);
  ~Vault();

  schema::PersonId person(std::string_view normalized_address) const;
  schema::IpId ip(std::string_view normalized_ip) const;

  /// A command's identity. `principal` is a person's or key's id, or `anonymous`; `about` the
  /// subject's text; `request` what tells one request from another under the same key: method,
  /// path, body.
  schema::CommandIdentity identity(std::string_view principal, std::string_view about,
                                   std::string_view key, std::string_view request) const;

  /// The holder's token of a claim, and whether `token` is it (in constant time).
  std::string claim_token(const schema::OccasionId& occasion, const schema::ClaimId& claim) const;
  bool is_claim_token(const schema::OccasionId& occasion, const schema::ClaimId& claim,
                      std::string_view token) const;

  /// The text of an API key, `bo_<id>_<secret>`; derived, so that a repeated answer can show it
  /// again though it is stored nowhere.
  std::string key_text(const schema::KeyId& key) const;
  /// What the log keeps of it: SHA-256.
  static schema::Digest key_hash(std::string_view key_text);
  /// The id in a key's text; nullopt: not a key of ours.
  static std::optional<schema::KeyId> key_id(std::string_view key_text);

  /// The id of the bootstrap key with that hash. Keyed, for the key's text is chosen by a person
  /// and might be guessed from an id that anybody can compute.
  schema::KeyId bootstrap_key(const schema::Digest& hash) const;

  SealedText seal(const schema::PersonId& person, std::string_view text) const;
  /// nullopt: another key, or altered.
  std::optional<std::string> open(std::string_view sealed, std::string_view wrapped,
                                  const schema::PersonId& person) const;
  /// `person/<person id>/<key id>` of a sealed text; nullopt where it is none.
  static std::optional<std::string> key_name(const schema::PersonId& person,
                                             std::string_view sealed);

  /// A random root key for an occasion, wrapped; its name in `keys` is `occasion/<id>`.
  std::string wrapped_root_key(const schema::OccasionId& occasion) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

/// Sixteen random bytes as text: request ids, generated idempotency keys.
std::string random_text();

bool equal_in_constant_time(std::string_view a, std::string_view b);

/// SHA-256, with the processor's instructions for it.
schema::Digest sha256(std::string_view bytes);

/// The same of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::string_view bytes);
  /// Of all that was added. To be called once, at the end.
  schema::Digest digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace boxoffice::sealing
