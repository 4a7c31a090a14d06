#include "gateway/http/certificate.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include <array>
#include <cstring>

namespace boxoffice::gateway::http {
namespace {

/// Of TLS 1.2 and 1.3 what OpenSSL thinks safe. The client's stack knows what its machine is quick
/// at, so its order counts.
constexpr auto kOptions = SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF;
/// `SSL_write` behaves as `write` does: some of it may be taken, and the text that waits may move.
constexpr auto kModes =
    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS;

/// Why OpenSSL refused, by the first of its errors (later ones say what failed for it); forgets
/// all.
std::string reason() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* words = ERR_reason_error_string(code);
  return words != nullptr ? words : "no reason is known";
}

/// A terminal must not be asked: nobody may sit there.
int no_passphrase(char*, int, int, void*) { return -1; }

/// The only protocol there is; who offers others alone goes on without an agreement.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_bytes,
                    const unsigned char* offered, unsigned int offered_bytes, void*) {
  static constexpr unsigned char kHttp[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_bytes, kHttp, sizeof kHttp - 1, offered, offered_bytes) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::string name_of(X509* certificate) {
  std::array<char, 256> name{};
  X509_NAME_oneline(X509_get_subject_name(certificate), name.data(), name.size());
  return name.data();
}

std::string end_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), BIO_free);
  ASN1_TIME_print(text.get(), X509_get0_notAfter(certificate));
  char* begin = nullptr;
  const long bytes = BIO_get_mem_data(text.get(), &begin);
  return {begin, static_cast<std::size_t>(bytes)};
}

}  // namespace

std::expected<Certificate, Certificate::Error> Certificate::read(const CertificateFiles& files) {
  const auto failed = [](File file, const std::filesystem::path& path, const std::string& why) {
    return std::unexpected(Error{file, path.string() + ": " + why});
  };
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return failed(File::certificate, files.certificate, reason());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), kOptions);
  SSL_CTX_set_mode(context.get(), kModes);
  // Clients resume by tickets; nothing is kept for them here.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);

  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return failed(File::certificate, files.certificate,
                  "holds no certificate in PEM (" + reason() + ")");
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool is_another = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    const std::string why = reason();
    return failed(File::key, files.key,
                  is_another ? "is not the key of the certificate in " + files.certificate.string()
                             : "holds no key in PEM that needs no passphrase (" + why + ")");
  }
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return failed(File::key, files.key,
                  "is not the key of the certificate in " + files.certificate.string() + " (" +
                      reason() + ")");
  return Certificate(context);
}

std::string Certificate::described() const {
  X509* const certificate = SSL_CTX_get0_certificate(context_.get());
  return name_of(certificate) + ", valid until " + end_of(certificate);
}

void Certificate::FreeSession::operator()(ssl_st* session) const { SSL_free(session); }

Certificate::Session Certificate::session(int socket) const {
  Session session(SSL_new(context_.get()));
  if (!session || SSL_set_fd(session.get(), socket) != 1) return nullptr;
  SSL_set_accept_state(session.get());
  return session;
}

}  // namespace boxoffice::gateway::http
