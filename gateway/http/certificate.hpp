#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace boxoffice::gateway::http {

struct CertificateFiles {
  std::filesystem::path certificate;  ///< PEM: the server's first, then what leads to the root
  std::filesystem::path key;          ///< PEM, without a passphrase
};

/// What files hold, read and found to belong together. May be shared by threads.
class Certificate {
 public:
  enum class File : std::uint8_t { certificate, key };
  struct Error {
    File file{};          ///< which of the two is at fault
    std::string message;  ///< for an operator; never shows a key
  };

  [[nodiscard]] static std::expected<Certificate, Error> read(const CertificateFiles& files);

  /// For an operator: whose it is and how long it is good.
  std::string described() const;

  struct FreeSession {
    void operator()(ssl_st* session) const;
  };
  using Session = std::unique_ptr<ssl_st, FreeSession>;
  /// The server's side of a new connection. Null where memory is short.
  Session session(int socket) const;

 private:
  explicit Certificate(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}

  std::shared_ptr<ssl_ctx_st> context_;
};

/// The certificate in force: connections that begin take it, older ones keep theirs. Thread-safe.
class CertificateInForce {
 public:
  explicit CertificateInForce(Certificate first) : certificate_(std::move(first)) {}

  void replace(Certificate by) {
    const std::lock_guard lock(mutex_);
    certificate_ = std::move(by);
  }
  Certificate now() const {
    const std::lock_guard lock(mutex_);
    return certificate_;
  }

 private:
  mutable std::mutex mutex_;
  Certificate certificate_;  // guarded by mutex_
};

}  // namespace boxoffice::gateway::http
