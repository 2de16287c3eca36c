@rpc
Feature: One session over two transports
  HTTP and direct gRPC are two doors of one house.

  @RPC-18
  Scenario Outline: A token bought over <one> works over <other>
    Given a token bought over <one>
    When the protected method is called over <other> with the token
    Then it is accepted
    When RenewSession is called over <other> with the token
    Then the call succeeds

    Examples:
      | one  | other |
      | HTTP | gRPC  |
      | gRPC | HTTP  |

  @RPC-18
  Scenario Outline: A close over <one> is a close over <other>
    Given a token bought over <other>
    When the protected method is called over <other> with the token
    Then it is accepted
    When CloseSession is called over <one> with the token
    Then it is accepted
    When the protected method is called over <other> with the token
    Then it is refused
    When RenewSession is called over <other> with the token
    Then the call is refused

    Examples:
      | one  | other |
      | HTTP | gRPC  |
      | gRPC | HTTP  |

  @RPC-19
  Scenario: Both transports answer a login with the same members
    When the full account logs in over HTTP and over gRPC
    Then both answers have the same "token_name"
    And both answers have the same "is_unrestricted"
    And both answers have the same "user_id"
    And both answers have the same "roles_ids"
    And both answers have the same "error_code"
    And both answers have a non-empty "token_value"
    And both answers have a non-empty "expires_at"

  @RPC-19 @alone
  Scenario: Both transports say the same to a wrong password beside right Basic
    Given earlier wrong passwords are forgotten
    And the right password buys a token over HTTP
    When a wrong password is sent over HTTP beside right Basic, and over gRPC
    Then both answers name the same mistake
    And the right password buys a token over gRPC

  @RPC-19 @alone
  Scenario: Both transports say the same to a password that is wrong in Basic too
    Given earlier wrong passwords are forgotten
    And the right password buys a token over HTTP
    When a wrong password is sent over HTTP in Basic and in the data, and over gRPC
    Then both answers name the same mistake
    And the right password buys a token over gRPC

  @RPC-19
  Scenario Outline: Both transports say the same to RenewSession with <token>
    When RenewSession is called over HTTP and over gRPC with <token>
    Then both answers name the same mistake

    Examples:
      | token           |
      | no token        |
      | a garbled token |
      | a closed token  |
