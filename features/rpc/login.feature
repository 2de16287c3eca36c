@rpc
Feature: Log in
  AuthenticateEx with a user name and a password obtains a token. Over HTTP the
  call needs Basic credentials as well; over direct gRPC it may be anonymous.

  @RPC-01
  Scenario: AuthenticateEx over HTTP with Basic answers the seven members
    When the full account logs in over HTTP
    Then the status is 200
    And the answer is JSON
    And "token_name" is a non-empty string
    And "token_value" is a non-empty string
    And "expires_at" is a non-empty string
    And "is_unrestricted" is true or false
    And "user_id" is a non-empty string
    And "roles_ids" is a list of strings
    And "error_code" is "AUTHENTICATE_CODE_OK"

  @RPC-02
  Scenario: Without authorization AuthenticateEx over HTTP obtains no token
    When the full account's AuthenticateEx is sent over HTTP without authorization
    Then no token is in the answer
    But the same AuthenticateEx with Basic obtains a token

  @RPC-02 @guess
  Scenario Outline: Over HTTP <authorization> beside the right data obtains no token
    Given the throttle is reset
    When the full account's AuthenticateEx is sent over HTTP with <authorization>
    Then no token is in the answer
    But the same AuthenticateEx with Basic obtains a token

    Examples:
      | authorization                  |
      | a wrong password in Basic      |
      | an empty password in Basic     |
      | an unknown user in Basic       |
      | a Bearer that was never issued |

  @RPC-03
  Scenario: Without authorization AuthenticateEx over HTTP is answered 401
    When the full account's AuthenticateEx is sent over HTTP without authorization
    Then it is refused with 401
    But the same AuthenticateEx with Basic obtains a token

  @RPC-14
  Scenario: An anonymous AuthenticateEx over gRPC obtains a token
    When the full account logs in over gRPC
    Then the gRPC status is "OK"
    And "error_code" is "AUTHENTICATE_CODE_OK"
    And "token_name" is a non-empty string
    And "token_value" is a non-empty string
    And "expires_at" is a non-empty string

  @RPC-23
  Scenario: The answer to a login over HTTP says no-store
    Given the full account logs in over HTTP
    And "token_value" is a non-empty string
    Then the "Cache-Control" header says "no-store"

  @RPC-23
  Scenario: The answer to a renewal over HTTP says no-store
    Given a token obtained over HTTP
    And RenewSession is called over HTTP with the token
    And "token_value" is a non-empty string
    Then the "Cache-Control" header says "no-store"
