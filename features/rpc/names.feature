@rpc
Feature: The names with a 2
  Public clients mostly call AuthenticateEx2 and RenewSession2; a server that
  has them behaves the same under these names.

  @RPC-24
  Scenario Outline: AuthenticateEx2 over <transport> answers as AuthenticateEx does
    When AuthenticateEx2 is called over <transport> with the full account's password
    Then the call succeeds
    And "token_name" is a non-empty string
    And "token_value" is a non-empty string
    And "expires_at" is a time like "20201112T144147"
    And "is_unrestricted" is true or false
    And "user_id" is a non-empty string
    And "roles_ids" is a list of strings
    And "error_code" is "AUTHENTICATE_CODE_OK"
    When the protected method is called over <transport> with the token
    Then it is accepted

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-24 @alone
  Scenario Outline: AuthenticateEx2 over <transport> sells nothing for a wrong password
    Given the right password buys a token over <transport>
    When AuthenticateEx2 is called over <transport> with a wrong password
    Then no token is in the answer
    And the login says no OK
    And the right password buys a token over <transport>

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |

  @RPC-24
  Scenario Outline: RenewSession2 over <transport> renews as RenewSession does
    Given a token bought over <transport>
    When RenewSession2 is called over <transport> without a token
    Then the call is refused
    When RenewSession2 is called over <transport> with the token
    Then the call succeeds
    And "error_code" is "AUTHENTICATE_CODE_OK"
    And the renewed token ends no earlier than the token
    When the protected method is called over <transport> with the renewed token
    Then it is accepted

    @needs:http
    Examples:
      | transport |
      | HTTP      |

    @needs:grpc
    Examples:
      | transport |
      | gRPC      |
