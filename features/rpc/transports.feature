@rpc
Feature: One session over two transports
  HTTP and direct gRPC are two ways to the same sessions.

  @RPC-18
  Scenario Outline: A token obtained over <one> works over <other>
    Given a token obtained over <one>
    And the protected method is called over <one> with the token
    And it is accepted
    And RenewSession is called over <one> with the token
    And the call succeeds
    And a token obtained over <other>
    And the protected method is called over <other> with the token
    And it is accepted
    And RenewSession is called over <other> with the token
    And the call succeeds
    And a token obtained over <one>
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
    Given a token obtained over <one>
    And CloseSession is called over <one> with the token
    And it is accepted
    And a token obtained over <other>
    And RenewSession is called over <other> with the token
    And the call succeeds
    And a token obtained over <other>
    And the protected method is called over <other> with the token
    And it is accepted
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
    Given a token obtained over HTTP
    And a token obtained over gRPC
    When the full account logs in over HTTP and over gRPC
    Then both answers have the same "token_name"
    And both answers have the same "is_unrestricted"
    And both answers have the same "user_id"
    And both answers have the same "roles_ids"
    And both answers have the same "error_code"
    And both answers have a non-empty "expires_at"

  @RPC-19 @guess
  Scenario: Both transports name the same error for a wrong password beside right Basic
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When a wrong password is sent over HTTP beside right Basic, and over gRPC
    Then both answers name the same error
    But the right password obtains a token over gRPC

  @RPC-19 @guess
  Scenario: Both transports name the same error for a password that is wrong in Basic too
    Given the throttle is reset
    And the right password obtains a token over HTTP
    When a wrong password is sent over HTTP in Basic and in the data, and over gRPC
    Then both answers name the same error
    But the right password obtains a token over gRPC

  @RPC-19
  Scenario Outline: Both transports name the same error for RenewSession with <token>
    Given a token obtained over HTTP
    And RenewSession is called over HTTP with the token
    And the call succeeds
    And a token obtained over gRPC
    And RenewSession is called over gRPC with the token
    And the call succeeds
    When RenewSession is called over HTTP and over gRPC with <token>
    Then both answers name the same error

    Examples:
      | token           |
      | no token        |
      | a garbled token |
      | a closed token  |
