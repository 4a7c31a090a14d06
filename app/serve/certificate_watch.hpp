#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "app/settings/settings.hpp"
#include "gateway/http/certificate.hpp"

namespace boxoffice::app {

/// The files of the settings tls-cert and tls-key; nullopt: neither is given. Throws WrongSetting
/// where one is.
std::optional<gateway::http::CertificateFiles> certificate_files(const Settings& settings);

/// What they hold. Throws WrongSetting.
gateway::http::Certificate read_certificate(const gateway::http::CertificateFiles& files);

/// Sees when the files are others, and hands over what they hold now. What cannot be used is
/// logged, once, and the certificate in force stays. Not thread-safe.
class CertificateWatch {
 public:
  using Use = std::function<void(gateway::http::Certificate)>;
  /// What the files hold from now on is seen: make this before they are read first.
  explicit CertificateWatch(gateway::http::CertificateFiles files);

  /// To be called every now and then. Two files are not written at once, so a change counts when
  /// the next look finds no further one.
  void look(const Use& use);
  /// Reads them whatever has changed.
  void reload(const Use& use);

 private:
  /// What tells a file from what it was; the same for one that is not there.
  struct Mark {
    std::uintmax_t device = 0, number = 0, bytes = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Mark&) const = default;
  };
  using Marks = std::array<Mark, 2>;
  static Mark mark_of(const std::filesystem::path& path);
  Marks marks() const { return {mark_of(files_.certificate), mark_of(files_.key)}; }

  const gateway::http::CertificateFiles files_;
  Marks read_;  ///< what was read last
  Marks seen_;  ///< at the last look
};

}  // namespace boxoffice::app
